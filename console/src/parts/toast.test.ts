import { afterEach, expect, test, vi } from "vitest";
import { dismiss, done, shownNotices, takeBack, undoLast } from "./toast";

afterEach(() => {
  for (const { id } of shownNotices()) dismiss(id);
  vi.useRealTimers();
});

test("the way back of a notice takes back what that notice is of, and the key the newest", () => {
  vi.useFakeTimers();
  const back: string[] = [];
  for (const each of ["first", "second", "third"]) done(each, () => back.push(each));
  takeBack(shownNotices()[0]!);
  expect(back).toEqual(["first"]);
  expect(undoLast()).toBe(true);
  expect(back).toEqual(["first", "third"]);
  expect(shownNotices().map(({ text }) => text)).toEqual(["second"]);
});
