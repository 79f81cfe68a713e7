// Hunting queries: saved searches of that category, and templates of rules that are hunted with too.
// https://learn.microsoft.com/azure/sentinel/hunting
import type { Resource } from "~/api/arm";

export const SAVED = "Microsoft.OperationalInsights/savedSearches";
export const WRITE = "Microsoft.OperationalInsights/workspaces/savedSearches/write";
export const DELETE = "Microsoft.OperationalInsights/workspaces/savedSearches/delete";
export const CATEGORY = "Hunting Queries";

export interface SavedSearchProperties {
  readonly category: string;
  readonly displayName: string;
  readonly query: string;
  readonly version?: number;
  readonly tags?: readonly { readonly name: string; readonly value: string }[];
}

export type SavedSearch = Resource<SavedSearchProperties>;

export interface TemplateProperties {
  readonly displayName: string;
  readonly description?: string;
  readonly query?: string;
  readonly tactics?: readonly string[];
  readonly techniques?: readonly string[];
  readonly subTechniques?: readonly string[];
}

export type Template = Resource<TemplateProperties>;

export interface HuntingQuery {
  readonly key: string;
  readonly name: string;
  readonly displayName: string;
  readonly description: string;
  readonly query: string;
  readonly tactics: readonly string[];
  readonly techniques: readonly string[];
  /** The saved search; absent for a template. */
  readonly saved?: SavedSearch;
}

export function ofSaved(saved: SavedSearch): HuntingQuery {
  const tag = (name: string): string =>
    saved.properties.tags?.find((each) => each.name.toLowerCase() === name)?.value ?? "";
  return {
    key: saved.name,
    name: saved.name,
    displayName: saved.properties.displayName,
    description: tag("description"),
    query: saved.properties.query,
    tactics: listed(tag("tactics")),
    techniques: listed(tag("techniques") || tag("relevanttechniques")),
    saved,
  };
}

export function ofTemplate({ name, properties }: Template): HuntingQuery {
  return {
    key: `template-${name}`,
    name,
    displayName: properties.displayName,
    description: properties.description ?? "",
    query: properties.query ?? "",
    tactics: properties.tactics ?? [],
    techniques: [...(properties.techniques ?? []), ...(properties.subTechniques ?? [])],
  };
}

export function isHunting({ properties }: SavedSearch): boolean {
  return properties.category.trim().toLowerCase() === CATEGORY.toLowerCase();
}

function listed(text: string): string[] {
  return text
    .split(",")
    .map((part) => part.trim())
    .filter(Boolean);
}

/** The tags that keep what a hunting query says of itself, with those that others put there. */
export function tagsOf(
  query: Pick<HuntingQuery, "description" | "tactics" | "techniques">,
  before: SavedSearchProperties["tags"] = [],
): { name: string; value: string }[] {
  const own = [
    { name: "description", value: query.description },
    { name: "tactics", value: query.tactics.join(",") },
    { name: "techniques", value: query.techniques.join(",") },
  ];
  const names = new Set([...own.map(({ name }) => name), "relevanttechniques"]);
  return [...own.filter(({ value }) => value), ...before.filter(({ name }) => !names.has(name.toLowerCase()))];
}
