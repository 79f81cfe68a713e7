import { Marked } from "marked";
import { expect, test } from "vitest";
import { isModest } from "./markdownLimits";

const marked = new Marked({ gfm: true, async: false });

test("what a person writes is read as Markdown", () => {
  for (const text of ["", "# A\n\n- b\n  - c\n\n> d", "-".repeat(80), "* ".repeat(3), `${"| a ".repeat(50)}|`])
    expect(isModest(text)).toBe(true);
});

test("what nests without end is shown as it is", () => {
  for (const mark of [">", "> ", "- > ", "1. ", " * "]) expect(isModest(mark.repeat(15_000))).toBe(false);
  expect(isModest("a".repeat(200_001))).toBe(false);
});

test("what is let through is read in no time, whatever it repeats", () => {
  const marks = [
    "[",
    "*",
    "_a_ ",
    "**b",
    "[a](",
    "`",
    "` ``",
    "<",
    "<a ",
    "|a",
    "![",
    "[a]",
    "<!--",
    "~a",
    "www.",
    "a@",
  ];
  for (const mark of marks) {
    const text = mark.repeat(30_000 / mark.length);
    const began = performance.now();
    if (isModest(text)) marked.parse(text);
    expect(performance.now() - began, mark).toBeLessThan(1500);
  }
});
