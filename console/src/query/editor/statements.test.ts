import { expect, test } from "vitest";
import { statementAt, statements } from "./statements";

const texts = (text: string): string[] => statements(text).map((each) => each.text);

test("blank lines part queries", () => {
  expect(texts("A\n| take 1\n\n\nB | count\n")).toEqual(["A\n| take 1", "B | count"]);
});

test("a blank line after a let, before a pipe, in parentheses or in a long string parts nothing", () => {
  for (const whole of [
    "let x = 1;\n\nA | where n > x",
    "A\n\n| take 1",
    "A | where n in (1,\n\n2)",
    "print ```a\n\nb```",
    "// about it\n\nA | count",
    "A |\n\ncount",
  ]) {
    expect(texts(whole)).toEqual([whole]);
  }
});

test("parentheses and semicolons in strings and comments count for nothing", () => {
  expect(texts("print '('\n\nprint 2")).toEqual(["print '('", "print 2"]);
  expect(texts("print 1 // (;\n\nprint 2")).toEqual(["print 1 // (;", "print 2"]);
  expect(texts('print @"\\"\n\nprint 2')).toEqual(['print @"\\"', "print 2"]);
  expect(texts("print 'a\\'('\n\nprint 2")).toEqual(["print 'a\\'('", "print 2"]);
});

test("the query at the cursor, or the one before it", () => {
  const text = "A\n\nB\n\n";
  expect(statementAt(text, 0)?.text).toBe("A");
  expect(statementAt(text, 3)?.text).toBe("B");
  expect(statementAt(text, text.length)?.text).toBe("B");
  expect(statementAt("  \n", 1)).toBeUndefined();
});
