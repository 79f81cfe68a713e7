// Saving a query: as a saved query, in a query pack, as a hunting query, as a function.
// https://learn.microsoft.com/rest/api/loganalytics/saved-searches, …/query-packs
import type { Resource } from "~/api/arm";
import type { Place } from "~/shell/place";

export type Kind = "query" | "pack" | "hunting" | "function" | "rule";

export interface Wanted {
  readonly kind: Kind;
  readonly name: string;
  readonly query: string;
  readonly category: string;
  readonly description: string;
  /** Of a hunting query: `InitialAccess`, and `T1078` or `T1078.002`. */
  readonly tactics: readonly string[];
  readonly techniques: readonly string[];
  /** Of a function: `account:string, least:long=10`. */
  readonly parameters: string;
}

export const ACTIONS: Readonly<Record<Kind, string>> = {
  query: "Microsoft.OperationalInsights/workspaces/savedSearches/write",
  pack: "Microsoft.OperationalInsights/queryPacks/queries/write",
  hunting: "Microsoft.OperationalInsights/workspaces/savedSearches/write",
  function: "Microsoft.OperationalInsights/workspaces/savedSearches/write",
  rule: "Microsoft.SecurityInsights/alertRules/write",
};

export const TACTICS =
  "Reconnaissance ResourceDevelopment InitialAccess Execution Persistence PrivilegeEscalation DefenseEvasion CredentialAccess Discovery LateralMovement Collection Exfiltration CommandAndControl Impact PreAttack ImpairProcessControl InhibitResponseFunction".split(
    " ",
  );

const PACK = "DefaultQueryPack";

interface SavedSearch {
  readonly displayName: string;
  readonly category: string;
  readonly functionAlias?: string;
}

/** What the management API is to keep. */
export function propertiesOf(wanted: Wanted): Record<string, unknown> {
  const tag = (name: string, values: readonly string[]): object[] =>
    values.length > 0 ? [{ name, value: values.join(",") }] : [];
  const tags = [
    ...tag("description", wanted.description ? [wanted.description] : []),
    ...(wanted.kind === "hunting" ? [...tag("tactics", wanted.tactics), ...tag("techniques", wanted.techniques)] : []),
  ];
  return {
    displayName: wanted.name,
    category: wanted.kind === "hunting" ? "Hunting Queries" : wanted.category || "Saved",
    query: wanted.query,
    version: 2,
    ...(tags.length > 0 ? { tags } : {}),
    ...(wanted.kind === "function"
      ? { functionAlias: wanted.name, ...(wanted.parameters ? { functionParameters: wanted.parameters } : {}) }
      : {}),
  };
}

/** Save; one of the same name and kind is replaced. Gives a sentence that says what was done. Raises ApiError. */
export async function save(place: Place, wanted: Wanted): Promise<string> {
  if (wanted.kind === "pack") return saveInPack(place, wanted);
  const { arm, workspace } = place;
  const all = `${workspace.id}/savedSearches`;
  const existing = (await arm.list<Resource<SavedSearch>>(all, "Microsoft.OperationalInsights/savedSearches")).find(
    ({ properties }) => isSame(properties, wanted),
  );
  const id = existing?.id ?? `${all}/${crypto.randomUUID()}`;
  const body = { ...(existing ? { etag: "*" } : {}), properties: propertiesOf(wanted) };
  await arm.put(id, "Microsoft.OperationalInsights/savedSearches", body);
  return existing ? `'${wanted.name}' is replaced.` : `'${wanted.name}' is saved.`;
}

function isSame(properties: SavedSearch, wanted: Wanted): boolean {
  if (wanted.kind === "function") return properties.functionAlias?.toLowerCase() === wanted.name.toLowerCase();
  const category = wanted.kind === "hunting" ? "Hunting Queries" : wanted.category || "Saved";
  return !properties.functionAlias && properties.displayName === wanted.name && properties.category === category;
}

async function saveInPack({ arm, workspace }: Place, wanted: Wanted): Promise<string> {
  const version = "Microsoft.OperationalInsights/queryPacks";
  const subscription = `/subscriptions/${workspace.subscriptionId}`;
  const packs = await arm.list<Resource>(`${subscription}/providers/Microsoft.OperationalInsights/queryPacks`, version);
  const pack =
    packs.find((each) => each.name === PACK)?.id ??
    packs[0]?.id ??
    `${subscription}/resourceGroups/${workspace.resourceGroup}/providers/Microsoft.OperationalInsights/queryPacks/${PACK}`;
  if (packs.length === 0) await arm.put(pack, version, { location: workspace.location, properties: {} });
  await arm.put(`${pack}/queries/${crypto.randomUUID()}`, version, {
    properties: {
      displayName: wanted.name,
      body: wanted.query,
      ...(wanted.description ? { description: wanted.description } : {}),
      related: { categories: [wanted.category || "security"] },
    },
  });
  return `'${wanted.name}' is saved in the query pack ${pack.split("/").at(-1)}.`;
}
