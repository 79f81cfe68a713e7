// The tree of what can be queried as a flat list of the lines that are open, which is what is drawn.
import type { Metadata, MetadataTable } from "../editor/schema";

export interface Node {
  readonly key: string;
  readonly depth: number;
  readonly kind: "group" | "table" | "column" | "facets" | "function" | "query";
  readonly label: string;
  readonly hint?: string;
  /** Whether it opens, and is open. */
  readonly open?: boolean;
  readonly table?: string;
  readonly type?: string;
  /** What choosing it puts into the editor. */
  readonly text?: string;
}

/** The lines, for the groups, tables and columns that are open and a text that names are to contain. */
export function nodesOf(metadata: Metadata, open: ReadonlySet<string>, wanted: string): Node[] {
  const word = wanted.trim().toLowerCase();
  const found: Node[] = [];
  for (const [group, tables] of groupsOf(metadata)) {
    const matching = tables.filter((table) => matches(table, word));
    if (matching.length === 0) continue;
    const key = `group ${group}`;
    const isOpen = word !== "" || open.has(key);
    found.push({ key, depth: 0, kind: "group", label: group, hint: `${matching.length}`, open: isOpen });
    if (isOpen) for (const table of matching) found.push(...linesOf(table, open));
  }
  add(found, open, word, "Functions", metadata.functions ?? [], (each) => ({
    kind: "function",
    label: each.name,
    hint: `(${each.parameters ?? ""})`,
    text: `${each.name}(`,
  }));
  add(found, open, word, "Saved queries", metadata.queries ?? [], (each) => ({
    kind: "query",
    label: each.displayName,
    hint: each.related?.categories?.join(", "),
    text: each.body,
  }));
  return found;
}

function add<T>(
  found: Node[],
  open: ReadonlySet<string>,
  word: string,
  group: string,
  all: readonly T[],
  node: (each: T) => Omit<Node, "key" | "depth">,
): void {
  const matching = all.map(node).filter(({ label }) => label.toLowerCase().includes(word));
  if (matching.length === 0) return;
  const key = `group ${group}`;
  const isOpen = word !== "" || open.has(key);
  found.push({ key, depth: 0, kind: "group", label: group, hint: `${matching.length}`, open: isOpen });
  if (isOpen) found.push(...matching.map((each, at) => ({ ...each, key: `${group} ${at}`, depth: 1 })));
}

function matches(table: MetadataTable, word: string): boolean {
  return word === "" || table.name.toLowerCase().includes(word);
}

function linesOf(table: MetadataTable, open: ReadonlySet<string>): Node[] {
  const key = `table ${table.name}`;
  const isOpen = open.has(key);
  const lines: Node[] = [
    { key, depth: 1, kind: "table", label: table.name, hint: table.description, open: isOpen, text: table.name },
  ];
  if (!isOpen) return lines;
  for (const column of table.columns ?? []) {
    const own = `column ${table.name} ${column.name}`;
    const facets = open.has(own);
    const more = { table: table.name, type: column.type };
    lines.push({
      key: own,
      depth: 2,
      kind: "column",
      label: column.name,
      hint: column.type,
      open: facets,
      text: column.name,
      ...more,
    });
    if (facets) lines.push({ key: `${own} facets`, depth: 3, kind: "facets", label: column.name, ...more });
  }
  return lines;
}

/** Custom tables first, for they are the workspace's own; a group and its tables by name. */
function groupsOf(metadata: Metadata): [string, MetadataTable[]][] {
  const titles = new Map((metadata.solutions ?? []).map((each) => [each.id, each.displayName ?? each.name]));
  const groups = new Map<string, MetadataTable[]>();
  for (const table of metadata.tables) {
    const id = table.related?.solutions?.[0] ?? "";
    const title = titles.get(id) ?? "Tables";
    const of = groups.get(title);
    if (of) of.push(table);
    else groups.set(title, [table]);
  }
  const rank = (title: string): number => (title.startsWith("Custom") ? 0 : 1);
  return [...groups]
    .sort(([a], [b]) => rank(a) - rank(b) || a.localeCompare(b))
    .map(([title, tables]) => [title, tables.sort((a, b) => a.name.localeCompare(b.name))]);
}
