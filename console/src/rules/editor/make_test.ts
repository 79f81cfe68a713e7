// A test from rows that a rule found: the events behind them, with the columns that the query names, and what comes of
// them. It is run once before it counts, so what it leaves out makes no difference, or is told.
import { askRows, quoted } from "~/api/kql";
import type { Place } from "~/shell/place";
import type { RuleBody } from "../model";
import type { WindowTold } from "./explanation";

const MOST_EVENTS = 500; // of a table
const MOST_VALUES = 20; // of entities that are looked for
const MOST_TABLES = 5;

export interface MadeTest {
  readonly name: string;
  readonly clock: string;
  readonly events: Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>;
  readonly expect: Readonly<Record<string, unknown>>;
}

export interface Made {
  readonly test: MadeTest;
  /** What a person should know of it. */
  readonly notes: readonly string[];
}

type Where = Pick<Place, "send" | "workspace">;

export async function makeTest(
  where: Where,
  rule: RuleBody,
  found: WindowTold,
  known: readonly string[],
): Promise<Made> {
  const query = rule.properties.query ?? "";
  const tables = tablesIn(query, known).slice(0, MOST_TABLES);
  if (tables.length === 0)
    throw new Error("The query names no table of the workspace, so there are no events to take.");
  const values = entityValues(rule, found);
  const events: Record<string, Record<string, unknown>[]> = {};
  const notes: string[] = [];
  for (const table of tables) {
    const rows = await askRows(where, {
      query: `${source(table, values)} | order by TimeGenerated asc | take ${MOST_EVENTS + 1}`,
      timespan: `${found.windowStart}/${found.windowEnd}`,
    });
    if (rows.length > MOST_EVENTS) notes.push(`Of ${table} only the first ${MOST_EVENTS} events were taken.`);
    const kept = rows.slice(0, MOST_EVENTS).map((row) => keptOf(row, query));
    if (kept.length > 0) events[table] = kept;
  }
  if (Object.keys(events).length === 0) throw new Error("No event of the window has a value of these rows.");
  return { test: { name: nameOf(found), clock: found.windowEnd, events, expect: expectationOf(found) }, notes };
}

function source(table: string, values: readonly string[]): string {
  if (values.length === 0) return table;
  return `search in (${table}) ${values.map((value) => quoted(value)).join(" or ")}`;
}

/** The tables that a query names, in its order. */
export function tablesIn(query: string, known: readonly string[]): string[] {
  const names = new Set(known);
  const plain = query.replaceAll(/\/\/.*$/gm, "").replaceAll(/"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'/g, "''");
  return [...new Set([...plain.matchAll(/[A-Za-z_]\w*/g)].map((word) => word[0]).filter((word) => names.has(word)))];
}

/** What the mapped columns hold in the rows: by these the events behind them are found. */
function entityValues(rule: RuleBody, found: WindowTold): string[] {
  const mapped = new Set((rule.properties.entityMappings ?? []).flatMap((each) => each.fieldMappings.map((field) => field.columnName))); // prettier-ignore
  const places = found.columns.map((column, at) => (mapped.has(column) ? at : -1)).filter((at) => at >= 0);
  const values = found.rows.flatMap((row) => places.map((at) => row[at] ?? "")).filter(Boolean);
  return [...new Set(values)].slice(0, MOST_VALUES);
}

/** TimeGenerated and the columns that the query names, as far as they hold anything. */
export function keptOf(row: Readonly<Record<string, unknown>>, query: string): Record<string, unknown> {
  const words = new Set([...query.matchAll(/[A-Za-z_]\w*/g)].map((word) => word[0]));
  return Object.fromEntries(
    Object.entries(row).filter(
      ([name, value]) =>
        (name === "TimeGenerated" || words.has(name)) && value !== null && value !== "" && name !== "Type",
    ),
  );
}

export function expectationOf(found: WindowTold): Record<string, unknown> {
  if (found.alertsCount === 0) return { alerts: "none" };
  const listed = found.alertsCount === found.alerts.length && found.alerts.length <= 10;
  const alerts = listed
    ? found.alerts.map(({ displayName, severity }) => ({ title: displayName, severity }))
    : found.alertsCount;
  return { alerts, incidents: found.incidents.length };
}

function nameOf(found: WindowTold): string {
  const at = found.windowEnd.slice(0, 16).replace("T", " ");
  return found.fires ? `fires as on ${at}` : `quiet as on ${at}`;
}

/** The text of a test file with one more test; comments and order of what is there stay. */
export async function withTest(text: string, test: MadeTest): Promise<string> {
  const { parseDocument, isSeq, isMap, isCollection } = await import("yaml");
  const document = parseDocument(text.trim() === "" ? "tests: []" : text);
  const wrong = document.errors[0];
  if (wrong) throw new Error(`The tests are no YAML: ${wrong.message}`);
  const tests = document.get("tests");
  if (isSeq(tests)) {
    const taken = new Set(tests.items.map((_, at) => document.getIn(["tests", at, "name"])));
    let name = test.name;
    for (let count = 2; taken.has(name); count++) name = `${test.name} (${count})`;
    const node = document.createNode({ ...test, name });
    const events = node.get("events");
    // An event a line, as people write them.
    for (const rows of isMap(events) ? events.items.map((pair) => pair.value) : []) {
      for (const row of isSeq(rows) ? rows.items : []) if (isCollection(row)) row.flow = true;
    }
    tests.flow = false;
    tests.add(node);
  } else throw new Error("The tests have no list 'tests' that one more could be added to.");
  return document.toString({ lineWidth: 0, flowCollectionPadding: false });
}
