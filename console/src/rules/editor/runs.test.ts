import { expect, test } from "vitest";
import type { Run } from "../activity";
import { runWith } from "./RunsPanel";

const run = (windowStart: string, windowEnd: string): Run => ({
  at: windowEnd,
  status: "Success",
  reason: "",
  description: "",
  windowStart,
  windowEnd,
  trigger: "Scheduled",
  results: 0,
  alerts: 0,
  dropped: 0,
  seconds: 0,
});

test("an event is in the first window that holds it; a window leaves out its end", () => {
  const runs = [
    run("2026-01-01T01:00:00Z", "2026-01-01T03:00:00Z"),
    run("2026-01-01T00:00:00Z", "2026-01-01T02:00:00Z"),
  ];
  const at = (text: string): string | undefined => runWith(runs, Date.parse(text))?.windowEnd;
  expect(at("2026-01-01T01:30:00Z")).toBe("2026-01-01T02:00:00Z");
  expect(at("2026-01-01T02:00:00Z")).toBe("2026-01-01T03:00:00Z");
  expect(at("2026-01-01T03:00:00Z")).toBeUndefined();
});
