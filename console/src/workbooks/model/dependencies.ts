// Which parameters an item or a parameter reads: it is drawn anew when one of these changes, and for no other reason.
import type { Item, QueryItem } from "./item";
import type { ParameterDefinition } from "./parameters";
import { namesIn } from "./substitute";

/** The names that an item's own drawing reads; those of a group's items are not the group's. */
export function dependenciesOf(item: Item): string[] {
  const conditions = item.conditions.map((each) => each.parameter);
  switch (item.kind) {
    case "text":
      return unique(conditions, namesIn(item.markdown));
    case "query":
      return unique(conditions, queryNames(item));
    case "links":
      return unique(conditions, namesIn(JSON.stringify(item.raw)));
    case "group":
      return unique(conditions, namesIn(item.title), namesIn(item.template));
    default:
      return conditions;
  }
}

/** The names that decide whether an item is shown. */
export function visibilityNames(item: Item): string[] {
  return unique(item.conditions.map((each) => each.parameter));
}

function queryNames(item: QueryItem): string[] {
  const written = namesIn(
    JSON.stringify([item.title, item.query.text, item.query.resources, item.emptyText, item.settings, item.exports]),
  );
  return unique(written, item.query.rangeFrom ? [item.query.rangeFrom] : []);
}

/** The names that what a parameter may have depends on. */
export function parameterNames(definition: ParameterDefinition): string[] {
  const query = definition.query;
  const written = namesIn(JSON.stringify([definition.saved, definition.otherwise, definition.raw["jsonData"]]));
  return unique(
    written,
    query ? namesIn(query.text) : [],
    query ? namesIn(query.resources.join(" ")) : [],
    query?.rangeFrom ? [query.rangeFrom] : [],
    definition.criteria.flatMap((each) => [
      each.left,
      ...(each.rightIsParameter ? [each.right] : []),
      ...(each.resultIsParameter ? [each.result] : []),
    ]),
  ).filter((name) => name !== definition.name);
}

function unique(...lists: readonly (readonly string[])[]): string[] {
  return [...new Set(lists.flat())].filter((name) => name !== "");
}

/** Names in cycles of parameters that read one another, each of which waits for ever: they are told, not waited for. */
export function cyclesIn(definitions: readonly ParameterDefinition[]): Set<string> {
  const reads = new Map(definitions.map((each) => [each.name, parameterNames(each)]));
  const found = new Set<string>();
  for (const name of reads.keys()) if (reaches(name, name, reads, new Set())) found.add(name);
  return found;
}

function reaches(from: string, to: string, reads: ReadonlyMap<string, string[]>, seen: Set<string>): boolean {
  for (const next of reads.get(from) ?? []) {
    if (next === to) return true;
    if (seen.has(next)) continue;
    seen.add(next);
    if (reaches(next, to, reads, seen)) return true;
  }
  return false;
}
