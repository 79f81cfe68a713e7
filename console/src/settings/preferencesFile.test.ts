import { expect, test } from "vitest";
import { keepFor } from "~/session/own";
import { exported, imported } from "./preferencesFile";

function storage(entries: Record<string, string>): Storage {
  const kept: Record<string, string> = { ...entries };
  Object.defineProperties(kept, {
    getItem: { value: (key: string) => kept[key] ?? null },
    setItem: { value: (key: string, value: string) => (kept[key] = value) },
  });
  return kept as unknown as Storage;
}

test("what is exported comes back elsewhere", () => {
  keepFor("Ana");
  const here = storage({
    "vedette.preferences": '{"theme":"dark"}',
    "vedette.views@ana": '[{"name":"mine","search":""}]',
    "vedette.views@ren": "[]",
    "vedette.ruleDraft@ana/w/r": "{}",
    other: "x",
  });
  expect(exported(here)).not.toMatch(/@|ruleDraft/);
  const there = storage({});
  expect(imported(exported(here), there)).toBe(2);
  expect(there["vedette.preferences"]).toBe('{"theme":"dark"}');
  expect(there["vedette.views@ana"]).toBe('[{"name":"mine","search":""}]');
  expect(Object.keys(there)).toHaveLength(2);
});

test("another file is refused", () => {
  expect(() => imported("{}", storage({}))).toThrow(/no export of settings/);
  expect(() => imported("hello", storage({}))).toThrow(/no export of settings/);
});

test("a file brings in settings alone", () => {
  const there = storage({});
  const settings = { "vedette.refresh": "x", "vedette.ruleDraft@ana/w/r": "{}", "vedette.preferences": {} };
  expect(imported(JSON.stringify({ vedette: 1, settings }), there)).toBe(1);
  expect(Object.keys(there)).toEqual(["vedette.preferences"]);
});
