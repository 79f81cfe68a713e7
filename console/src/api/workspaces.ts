// The workspaces that the person can see, and the short name that each has in an address.
import type { Arm, Resource } from "./arm";

export interface Workspace {
  readonly id: string;
  readonly name: string;
  readonly resourceGroup: string;
  readonly subscriptionId: string;
  /** The id that the query API takes. */
  readonly customerId: string;
  readonly location: string;
  /** What stands for it in addresses: its name, and its group where another has the same name. */
  readonly slug: string;
}

export async function listWorkspaces(arm: Arm): Promise<Workspace[]> {
  const subscriptions = await arm.list<{ subscriptionId: string }>("/subscriptions", "Microsoft.Resources");
  const lists = await Promise.all(
    subscriptions.map(({ subscriptionId }) =>
      arm.list<Resource<{ customerId: string }>>(
        `/subscriptions/${subscriptionId}/providers/Microsoft.OperationalInsights/workspaces`,
        "Microsoft.OperationalInsights",
      ),
    ),
  );
  const found = lists.flat();
  const count = new Map<string, number>();
  for (const each of found) count.set(each.name, (count.get(each.name) ?? 0) + 1);
  return found
    .map((each) => workspace(each, (count.get(each.name) ?? 0) > 1))
    .sort((a, b) => a.slug.localeCompare(b.slug));
}

function workspace(resource: Resource<{ customerId: string }>, isAmbiguous: boolean): Workspace {
  const parts = resource.id.split("/");
  const resourceGroup = parts[4] ?? "";
  return {
    id: resource.id,
    name: resource.name,
    resourceGroup,
    subscriptionId: parts[2] ?? "",
    customerId: resource.properties.customerId,
    location: resource.location ?? "",
    slug: isAmbiguous ? `${resource.name}@${resourceGroup}` : resource.name,
  };
}

/** The id under which a workspace's resources of Microsoft.SecurityInsights are. */
export function sentinelOf(workspace: Workspace): string {
  return `${workspace.id}/providers/Microsoft.SecurityInsights`;
}
