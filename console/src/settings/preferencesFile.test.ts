import { expect, test } from "vitest";
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
  const here = storage({ "vedette.preferences": '{"theme":"dark"}', "vedette.name": "plain", other: "x" });
  const there = storage({});
  expect(imported(exported(here), there)).toBe(2);
  expect(there["vedette.preferences"]).toBe('{"theme":"dark"}');
  expect(there["vedette.name"]).toBe("plain");
  expect(there["other"]).toBeUndefined();
});

test("another file is refused", () => {
  expect(() => imported("{}", storage({}))).toThrow(/no export of settings/);
  expect(() => imported("hello", storage({}))).toThrow(/no export of settings/);
});
