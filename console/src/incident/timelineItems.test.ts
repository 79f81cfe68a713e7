import { expect, test } from "vitest";
import type { Alert, Comment, Incident } from "./model";
import { hiddenKinds, hiddenText, timelineItems, toggled } from "./timelineItems";

const resource = <P>(name: string, properties: P) => ({ id: `/i/${name}`, name, type: "t", properties });
const incident = resource("incident", { createdTimeUtc: "2026-11-22T03:00:00Z" }) as Incident;

test("the newest is last, by time and not by text", () => {
  const comment = (name: string, at: string) =>
    resource(name, { message: "", author: { name: "Ana" }, createdTimeUtc: at }) as Comment;
  const items = timelineItems({
    incident,
    alerts: [resource("alert", { alertDisplayName: "a", startTimeUtc: "2026-11-22T02:00:00Z" }) as Alert],
    comments: [comment("b", "2026-11-22T03:00:00.5Z"), comment("a", "2026-11-22T03:00:00Z")],
  });
  expect(items.map(({ key }) => key)).toEqual(["/i/alert", "/i/a", "/i/b"]);
});

test("hidden kinds are in the address", () => {
  expect(hiddenText(toggled(hiddenKinds("16"), "alert"))).toBe("6");
  expect(hiddenText(toggled(hiddenKinds("6"), "task"))).toBe("46");
  expect(hiddenText(hiddenKinds("x9"))).toBe("");
});
