import { expect, test, vi } from "vitest";
import { readDraft as readWorkbook, keepDraft as keepWorkbook } from "~/workbooks/draft";
import { drafted, keepDraft, readDraft } from "~/rules/editor/drafts";
import { keptRuns, keepRuns } from "~/hunting/runs";
import { keepDraft as keepTriage, readDraft as readTriage } from "~/incidents/drafts";
import { saveView } from "~/incidents/savedViews";
import { DEFAULT } from "~/incidents/view";
import { changeTab, chosenTab } from "~/query/tabs";
import { forgetTab, keepFor, ownKey } from "./own";

/** As browsers have it: what is kept stands among its own properties. */
function storage(): Storage {
  const kept: Record<string, unknown> = {};
  const hidden = {
    getItem: (key: string) => (Object.hasOwn(kept, key) ? kept[key] : null),
    setItem: (key: string, value: string) => void (kept[key] = value),
    removeItem: (key: string) => void delete kept[key],
    key: (at: number) => Object.keys(kept)[at] ?? null,
  };
  for (const [name, value] of Object.entries(hidden)) Object.defineProperty(kept, name, { value });
  Object.defineProperty(kept, "length", { get: () => Object.keys(kept).length });
  return kept as unknown as Storage;
}

test("what one person left in this browser is not shown to the next", () => {
  const [local, tab] = [storage(), storage()];
  vi.stubGlobal("localStorage", local);
  vi.stubGlobal("sessionStorage", tab);
  keepFor("ANA");
  keepDraft("/w", "rule", { body: { kind: "Scheduled", properties: { displayName: "d", enabled: true } }, at: "" });
  keepWorkbook("/wb", { text: "secret", etag: "1" });
  keepRuns("/w", new Map([["q", { at: "", timespan: "P1D", results: 3 }]]));
  keepTriage("comment 1", "secret");
  saveView("secret", DEFAULT);
  changeTab("c", chosenTab("c").id, { text: "secret" });
  expect(drafted("/w")).toEqual(new Set(["rule"]));
  for (const key of [...Object.keys(local), ...Object.keys(tab)]) expect(key).toContain("@ana");
  keepFor("ren");
  expect(drafted("/w")).toEqual(new Set());
  expect(readDraft("/w", "rule")).toBeUndefined();
  expect(readWorkbook("/wb")).toBeUndefined();
  expect(keptRuns("/w").size).toBe(0);
  expect(readTriage("comment 1")).toBe("");
  expect(local.getItem(ownKey("vedette.views"))).toBeNull();
  keepFor("ana");
  expect(readDraft("/w", "rule")?.body.properties.displayName).toBe("d");
  expect(readWorkbook("/wb")).toEqual({ text: "secret", etag: "1" });
  forgetTab(tab);
  expect(Object.keys(tab)).toEqual(["vedette.triage.draft.comment 1@ana"]);
  vi.unstubAllGlobals();
});
