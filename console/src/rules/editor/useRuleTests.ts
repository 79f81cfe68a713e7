// The tests of the rule at hand: the text as it is kept and as it is written, and how they ended.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { ApiError } from "~/api/errors";
import { done, failed } from "~/parts/toast";
import { readMetadata } from "~/query/editor/schema";
import { ownKey } from "~/session/own";
import { usePlace, type Place } from "~/shell/place";
import { keptTestsKey, readTests, runTests, writeTests, type KeptTests, type TestRun } from "../rule_tests";
import type { Rule } from "../model";
import type { WindowTold } from "./explanation";
import { makeTest, withTest } from "./make_test";
import type { RuleDraft } from "./useRuleDraft";

const KEPT = "vedette.ruleTestsDraft";

/** A text that is not saved, and the ETag of the tests that it was begun on: none when there were none. */
interface Written {
  readonly text: string;
  readonly etag?: string;
}

function readWritten(key: string): Written | null {
  try {
    const kept = JSON.parse(localStorage.getItem(key) ?? "null") as Partial<Written> | null;
    return typeof kept?.text === "string" ? { ...kept, text: kept.text } : null;
  } catch {
    return null; // somebody else wrote there
  }
}

export interface RuleTests {
  readonly text: string;
  readonly setText: (text: string) => void;
  readonly isChanged: boolean;
  readonly isLoading: boolean;
  readonly loadError: unknown;
  readonly run: () => void;
  readonly isRunning: boolean;
  readonly result: TestRun | undefined;
  readonly runError: unknown;
  /** Keep the text with the rule; undefined while the rule is not saved. */
  readonly save: (() => void) | undefined;
  /** The text that somebody else kept meanwhile. */
  readonly theirs: KeptTests | undefined;
  readonly settle: (which: "mine" | "theirs") => void;
  readonly discard: () => void;
  /** Add a test from the rows of a window, and run it. */
  readonly make: (found: WindowTold) => void;
  readonly notes: readonly string[];
}

export function useRuleTests(name: string, rule: Rule | undefined, draft: RuleDraft): RuleTests {
  const place = usePlace();
  const client = useQueryClient();
  const key = `${ownKey(KEPT)}/${place.workspace.id}/${name}`.toLowerCase();
  const kept = useQuery({
    queryKey: [...keptTestsKey(place.workspace.id), name],
    queryFn: async ({ signal }) => (await readTests(place, name, signal)) ?? null,
    enabled: rule !== undefined,
  });
  const [written, setWritten] = useState(() => readWritten(key));
  const [theirs, setTheirs] = useState<KeptTests>();
  const [notes, setNotes] = useState<readonly string[]>([]);
  const saved = kept.data?.tests ?? "";
  const text = written?.text ?? saved;
  const etag = written ? written.etag : kept.data?.etag;
  const setText = (next: string | null): void => {
    const to: Written | null = next === null || next === saved ? null : { text: next, etag };
    if (to) localStorage.setItem(key, JSON.stringify(to));
    else localStorage.removeItem(key);
    setWritten(to);
  };
  const asked = useMutation({
    mutationFn: async ({ tests, kept: as }: { tests: string; kept: string }) => {
      // Only the saved tests of the saved rule leave how they ended beside it.
      const isKept = tests === as && draft.base !== undefined && draft.changed.length === 0;
      const told = await runTests(place, isKept ? name : draft.body, tests);
      if (isKept) void client.invalidateQueries({ queryKey: keptTestsKey(place.workspace.id) });
      return told;
    },
  });
  const write = async (on: string | undefined): Promise<void> => {
    try {
      const stored = await writeTests(place, name, text, on);
      client.setQueryData([...keptTestsKey(place.workspace.id), name], stored);
      localStorage.removeItem(key);
      setWritten(null);
      setTheirs(undefined);
      done("The tests are saved");
      asked.mutate({ tests: text, kept: text });
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 412) return failed("The tests are not saved.", error);
      const now = await readTests(place, name);
      if (now) setTheirs(now);
      else failed("The tests are not saved; somebody deleted those that were there.", error);
    }
  };
  const take = (): void => {
    if (!theirs) return;
    client.setQueryData([...keptTestsKey(place.workspace.id), name], theirs);
    setText(null);
    setTheirs(undefined);
  };
  const tableNames = async (): Promise<string[]> =>
    (await client.ensureQueryData(metadataOf(place))).tables.map((each) => each.name);
  const make = async (found: WindowTold): Promise<void> => {
    try {
      const made = await makeTest(place, draft.body, found, await tableNames());
      const next = await withTest(text, made.test);
      setNotes(made.notes);
      setText(next);
      asked.mutate({ tests: next, kept: saved });
    } catch (error) {
      failed("No test could be made of these rows.", error);
    }
  };
  return {
    text,
    setText,
    isChanged: written !== null,
    isLoading: rule !== undefined && kept.isPending,
    loadError: kept.error,
    run: () => asked.mutate({ tests: text, kept: saved }),
    isRunning: asked.isPending,
    result: asked.data,
    runError: asked.error,
    save: rule && (() => void write(etag)),
    theirs,
    settle: (which) => (which === "theirs" ? take() : void write(theirs?.etag)),
    discard: () => setText(null),
    make: (found) => void make(found),
    notes,
  };
}

/** The workspace's metadata, which the editor has asked for already. */
function metadataOf({ send, workspace }: Pick<Place, "send" | "workspace">) {
  return {
    queryKey: ["metadata", workspace.customerId],
    queryFn: ({ signal }: { signal: AbortSignal }) => readMetadata(send, workspace.customerId, signal),
  };
}
