import { afterEach, expect, test } from "vitest";
import { begun, enterScope, handle, keyOf, press } from "./keys";

const undo: (() => void)[] = [];
afterEach(() => {
  for (const each of undo.splice(0)) each();
  press("Escape", 1e9, false);
});

function counting(action: string): () => number {
  let count = 0;
  undo.push(handle(action, () => count++));
  return () => count;
}

test("a sequence fires once its last key came", () => {
  const went = counting("go.incidents");
  expect(press("g", 1000, false)).toBe(true);
  expect(begun()).toBe("g");
  expect(press("i", 1200, false)).toBe(true);
  expect(went()).toBe(1);
  expect(begun()).toBe("");
});

test("a sequence that waits too long begins anew", () => {
  const went = counting("go.incidents");
  press("g", 1000, false);
  press("i", 9000, false);
  expect(went()).toBe(0);
});

test("no key fires while a text is typed, but those that say so", () => {
  const help = counting("help.open");
  const palette = counting("palette.open");
  press("?", 1000, true);
  press("Ctrl+k", 1100, true);
  expect([help(), palette()]).toEqual([0, 1]);
});

test("a key that ends no sequence is taken for itself", () => {
  const help = counting("help.open");
  press("g", 1000, false);
  press("?", 1100, false);
  expect(help()).toBe(1);
});

test("the page's binding comes before the one that holds everywhere", () => {
  const everywhere = counting("help.open");
  const page = counting("page.own");
  undo.push(enterScope({ name: "page", title: "Page", bindings: [{ keys: "?", action: "page.own", label: "Own" }] }));
  press("?", 1000, false);
  expect([everywhere(), page()]).toEqual([0, 1]);
});

test("keys are written as bindings write them", () => {
  const key = (key: string, more: Partial<KeyboardEvent> = {}) =>
    keyOf({ key, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, code: "", ...more });
  expect(key("a")).toBe("a");
  expect(key("A", { shiftKey: true })).toBe("Shift+a");
  expect(key("?", { shiftKey: true })).toBe("?");
  expect(key("Enter", { ctrlKey: true })).toBe("Ctrl+Enter");
  expect(key("k", { metaKey: true })).toBe("Ctrl+k");
  expect(key("F", { altKey: true, shiftKey: true, code: "KeyF" })).toBe("Alt+Shift+f");
});
