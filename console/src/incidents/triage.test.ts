import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { dismiss, shownNotices, undoLast } from "~/parts/toast";
import { stillOurs } from "./change";
import type { EditPlace } from "./edits";
import type { Incident, IncidentProperties } from "./incident";
import { learn } from "./known";
import { change } from "./triage";

const ID = "/w/providers/Microsoft.SecurityInsights/incidents/triaged";

function incident(properties: Partial<IncidentProperties>, etag: string): Incident {
  const base = { incidentNumber: 7, title: "T", createdTimeUtc: "", lastModifiedTimeUtc: "" };
  const whole = { ...base, severity: "High", status: "New", ...properties } as IncidentProperties;
  return { id: ID, name: "triaged", type: "incidents", etag, properties: whole };
}

beforeEach(() => {
  const kept = new Map<string, string>();
  vi.stubGlobal("sessionStorage", {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => kept.set(key, value),
    removeItem: (key: string) => kept.delete(key),
  });
});

afterEach(() => {
  for (const { id } of shownNotices()) dismiss(id);
  vi.unstubAllGlobals();
});

test("a way back leaves what somebody else set since", () => {
  const made = { severity: "Low", status: "Active" } as const;
  const back = { severity: "High", status: "New", addLabels: ["a"] } as const;
  const now = incident({ severity: "Medium", status: "Active" }, "3").properties;
  expect(stillOurs(now, made, back)).toEqual({ status: "New", addLabels: ["a"] });
});

test("undo does not write over what somebody else set after it", async () => {
  let count = 1;
  const puts: IncidentProperties[] = [];
  const arm = {
    put: async (_: string, __: string, body: { properties: IncidentProperties }) => {
      puts.push(body.properties);
      return { body: incident(body.properties, `ours-${count++}`) };
    },
    get: async () => incident({}, "read"),
  };
  const place = { arm, session: { person: { objectId: "ana" } } } as unknown as EditPlace;
  const start = incident({}, "start");
  learn([start], performance.now());
  change(place, [start], { severity: "Low", status: "Active" }, "changed");
  await vi.waitFor(() => expect(puts).toHaveLength(1));
  await new Promise((soon) => setTimeout(soon, 5));
  learn([incident({ severity: "Informational", status: "Active" }, "theirs")], performance.now());
  expect(undoLast()).toBe(true);
  await vi.waitFor(() => expect(puts).toHaveLength(2));
  expect(puts[1]).toMatchObject({ severity: "Informational", status: "New" });
  expect(shownNotices().map(({ text }) => text)).toContain("#7: severity stays as somebody else set it meanwhile.");
});
