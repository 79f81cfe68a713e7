// The roles that somebody has on a workspace, inherited ones and those of groups included.
import type { Arm, Resource } from "./arm";
import { isGranted, permissionsAt } from "./permissions";
import type { Workspace } from "./workspaces";

export interface HeldRole {
  readonly id: string;
  readonly role: string;
  readonly scope: string;
  /** By a group, not by the person. */
  readonly byGroup: boolean;
}

interface Assignment {
  readonly roleDefinitionId: string;
  readonly principalId: string;
  readonly scope: string;
}

export async function rolesOf(
  arm: Arm,
  workspaceId: string,
  objectId: string,
  signal?: AbortSignal,
): Promise<HeldRole[]> {
  const [assignments, definitions] = await Promise.all([
    arm.list<Resource<Assignment>>(
      `${workspaceId}/providers/Microsoft.Authorization/roleAssignments`,
      "Microsoft.Authorization",
      { $filter: `assignedTo('${objectId}')` },
      signal,
    ),
    arm.list<Resource<{ roleName: string }>>(
      `${workspaceId}/providers/Microsoft.Authorization/roleDefinitions`,
      "Microsoft.Authorization",
      {},
      signal,
    ),
  ]);
  const named = new Map(definitions.map((each) => [guidOf(each.id), each.properties]));
  return assignments
    .filter(({ properties }) => covers(properties.scope, workspaceId))
    .map(({ id, properties }) => {
      const definition = named.get(guidOf(properties.roleDefinitionId));
      return {
        id,
        role: definition?.roleName ?? properties.roleDefinitionId,
        scope: properties.scope,
        byGroup: properties.principalId.toLowerCase() !== objectId.toLowerCase(),
      };
    });
}

function covers(above: string, below: string): boolean {
  const [a, b] = [above.toLowerCase(), below.toLowerCase()];
  return a === "/" || a === b || b.startsWith(`${a}/`) || a.startsWith("/providers/microsoft.management/");
}

function guidOf(id: string): string {
  return id.slice(id.lastIndexOf("/") + 1).toLowerCase();
}

/** Whether somebody may do an action at the subscription that a workspace is in. Who has no role there is not told. */
export async function mayInSubscription(
  arm: Arm,
  workspace: Workspace,
  objectId: string,
  action: string,
): Promise<boolean> {
  const subscription = `/subscriptions/${workspace.subscriptionId}`;
  const roles = objectId === "" ? [{ scope: "/" }] : await rolesOf(arm, workspace.id, objectId);
  if (!roles.some((each) => covers(each.scope, subscription))) return false;
  return isGranted(await permissionsAt(arm, subscription), action);
}
