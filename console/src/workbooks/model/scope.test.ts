import { expect, test } from "vitest";
import { choiceNow, Scope } from "./scope";
import { plain } from "./values";

test("a watcher hears of its own names and of no others", () => {
  const scope = new Scope();
  const heard: string[] = [];
  scope.watch(["A"], () => heard.push("A"));
  scope.watch(["B"], () => heard.push("B"));
  scope.offer("A", "one", { value: plain("1") });
  scope.offer("A", "one", { value: plain("1") }); // the same again is no change
  expect(heard).toEqual(["A"]);
});

test("a group sees what is around it, and what it makes stays in it", () => {
  const page = new Scope();
  const group = new Scope(page);
  page.offer("Outer", "p", { value: plain("out") });
  group.offer("Inner", "g", { value: plain("in") });
  expect(group.valueOf("Outer")?.value).toBe("out");
  expect(page.valueOf("Inner")).toBeUndefined();
  expect(group.valueOf("Nobody")).toBeUndefined();
});

test("a watcher in a group hears of the page's parameters", () => {
  const page = new Scope();
  const group = new Scope(page);
  let heard = 0;
  group.watch(["Outer"], () => (heard += 1));
  page.offer("Outer", "p", { value: plain("out") });
  expect(heard).toBe(1);
});

test("what is shown counts before what is not, and a later choice before an earlier one", () => {
  const scope = new Scope();
  scope.offer("P", "hidden", { value: plain("hidden"), visible: false });
  scope.offer("P", "shown", { value: plain("shown"), visible: true });
  scope.offer("P", "hidden", { value: plain("hidden again"), visible: false, at: choiceNow() });
  expect(scope.valueOf("P")?.value).toBe("shown");
  scope.offer("P", "a", { value: plain("first"), at: choiceNow() });
  scope.offer("P", "b", { value: plain("second"), at: choiceNow() });
  scope.offer("P", "a", { value: plain("default"), at: 0 });
  expect(scope.valueOf("P")?.value).toBe("second");
  scope.withdraw("P", "b");
  expect(scope.valueOf("P")?.value).toBe("default");
});

test("a parameter that is declared and has nothing is known and unset", () => {
  const scope = new Scope();
  scope.offer("P", "one", { value: undefined, pending: true, isRequired: true });
  expect(scope.cell("P")).toEqual({ value: undefined, pending: true, isRequired: true });
  expect(scope.valueOf("P")).toMatchObject({ value: "", label: "<unset>" });
});
