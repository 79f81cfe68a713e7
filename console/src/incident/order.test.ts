import { expect, test } from "vitest";
import { neighboursIn } from "./order";

test("neighbours in the queue's order; one that is not in it leads to the first", () => {
  expect(neighboursIn(["/A", "/b", "/c"], "/B")).toEqual({ before: "/A", after: "/c", at: 2, of: 3 });
  expect(neighboursIn(["/a"], "/a")).toEqual({ before: undefined, after: undefined, at: 1, of: 1 });
  expect(neighboursIn(["/a", "/b"], "/x")).toEqual({ before: undefined, after: "/a", at: 0, of: 2 });
});
