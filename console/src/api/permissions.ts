// What the person may do in a workspace, by the actions of Azure's roles.
// https://learn.microsoft.com/rest/api/authorization/permissions
import type { Arm } from "./arm";
import type { Workspace } from "./workspaces";

export interface Permission {
  readonly actions: readonly string[];
  readonly notActions: readonly string[];
  readonly dataActions?: readonly string[];
  readonly notDataActions?: readonly string[];
}

export async function permissionsIn(arm: Arm, workspace: Workspace): Promise<Permission[]> {
  return permissionsAt(arm, workspace.id);
}

/** What the person may do at any scope, such as a subscription's id. */
export async function permissionsAt(arm: Arm, scope: string): Promise<Permission[]> {
  return arm.list<Permission>(`${scope}/providers/Microsoft.Authorization/permissions`, "Microsoft.Authorization");
}

/** Whether one of the permissions grants an action; wildcards stand for any text, casing does not matter. */
export function isGranted(permissions: readonly Permission[], action: string): boolean {
  return permissions.some(
    (each) =>
      each.actions.some((held) => covers(held, action)) && !each.notActions.some((held) => covers(held, action)),
  );
}

function covers(pattern: string, action: string): boolean {
  const source = pattern
    .split("*")
    .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, String.raw`\$&`))
    .join(".*");
  return new RegExp(`^${source}$`, "i").test(action);
}
