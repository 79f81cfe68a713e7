// The tests of rules as the server keeps and runs them (docs/rule-tests.md, docs/own-apis.md).
import type { Place } from "~/shell/place";
import type { WouldBeAlert } from "./editor/evaluation";
import { sendable, type RuleBody } from "./model";

export interface LastRun {
  readonly at: string;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly ruleEtag: string;
}

export interface KeptTests {
  /** The rule's name. */
  readonly name: string;
  readonly etag: string;
  readonly changed: string;
  /** Null when they were changed since, or never run. */
  readonly lastRun: LastRun | null;
  /** The text of the test file; in the answer about one rule. */
  readonly tests?: string;
}

export interface CountedLine {
  /** The `let` that it belongs to; empty for the query itself. */
  readonly of: string;
  readonly line: number;
  readonly text: string;
  readonly given: number;
  readonly passed: number;
  readonly conditions: readonly { readonly line: number; readonly text: string; readonly held: number }[];
}

export interface TestCase {
  readonly name: string;
  /** In the text of the tests. */
  readonly line: number;
  readonly status: "passed" | "failed" | "skipped" | "expectedFailure" | "unexpectedPass" | "error";
  readonly expected: unknown;
  readonly got?: {
    readonly runs: number;
    readonly results: number;
    readonly alertsCount: number;
    readonly alerts: readonly WouldBeAlert[];
    readonly incidentsCount: number;
    readonly error: { readonly code: string; readonly message: string } | null;
  };
  readonly seconds?: number;
  readonly reason?: string;
  readonly differences?: readonly string[];
  readonly lines?: readonly CountedLine[];
  readonly stoppedAt?: { readonly line: number; readonly text: string } | null;
  readonly report?: readonly string[];
  readonly error?: { readonly code: string; readonly message: string };
}

export interface TestRun {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly cases: readonly TestCase[];
}

type Where = Pick<Place, "send" | "workspace">;
const PATIENCE = 60_000; // milliseconds; the server takes 30 s, and one's requests wait for one another

export function keptTestsKey(workspaceId: string): readonly string[] {
  return ["ruleTests", workspaceId];
}

function base({ workspace }: Where): string {
  return `/vedette/workspaces/${workspace.customerId}/rules`;
}

export async function listTests(where: Where, signal?: AbortSignal): Promise<readonly KeptTests[]> {
  const { body } = await where.send<{ value: readonly KeptTests[] }>({
    audience: "arm",
    path: `${base(where)}/tests`,
    signal,
  });
  return body.value;
}

/** The tests of one rule; undefined where it has none. */
export async function readTests(where: Where, rule: string, signal?: AbortSignal): Promise<KeptTests | undefined> {
  const kept = (await listTests(where, signal)).find(({ name }) => name.toLowerCase() === rule.toLowerCase());
  if (!kept) return undefined;
  const path = `${base(where)}/${encodeURIComponent(rule)}/tests`;
  return (await where.send<KeptTests>({ audience: "arm", path, signal })).body;
}

/** Keep a text; refused with 412 when it is not the one with this ETag that is there. */
export async function writeTests(
  where: Where,
  rule: string,
  tests: string,
  etag: string | undefined,
): Promise<KeptTests> {
  const { body } = await where.send<KeptTests>({
    audience: "arm",
    method: "PUT",
    path: `${base(where)}/${encodeURIComponent(rule)}/tests`,
    body: { tests },
    headers: etag ? { "If-Match": `"${etag}"` } : { "If-None-Match": "*" },
  });
  return body;
}

/** Run tests with a rule as it is written, or those that are kept with the rule of this name. */
export async function runTests(where: Where, rule: RuleBody | string, tests?: string): Promise<TestRun> {
  const { body } = await where.send<TestRun>({
    audience: "arm",
    method: "POST",
    path: `${base(where)}/tests`,
    body: typeof rule === "string" ? { rule } : { rule: sendable(rule), tests },
    patience: PATIENCE,
  });
  return body;
}
