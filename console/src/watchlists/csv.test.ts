import { expect, test } from "vitest";
import { pieces, readText } from "./csv";

test("quotes hold delimiters, line ends and quotation marks", () => {
  const read = readText('ip,note\r\n10.0.0.1,"a, ""b""\nc"\r\n10.0.0.2,\r\n');
  expect(read.header).toEqual(["ip", "note"]);
  expect(read.lines.map(({ values }) => values)).toEqual([
    ["10.0.0.1", 'a, "b"\nc'],
    ["10.0.0.2", ""],
  ]);
  expect(read.refused).toEqual([]);
});

test("lines that the server would refuse are named by their number in the file", () => {
  const read = readText('# list\nip,note\n10.0.0.1,a\n10.0.0.2,"a\nb"\n10.0.0.3,a,b\n\n10.0.0.4,"x"y\n10.0.0.5,"z', 1);
  expect(read.lines).toHaveLength(2);
  expect(read.refused).toEqual([
    { line: 6, reason: "has 3 values, and the header has 2 columns" },
    { line: 8, reason: "has text behind a closing quotation mark" },
    { line: 9, reason: "has a quotation mark that is never closed" },
  ]);
});

test("tabs separate when the header has them alone", () => {
  expect(readText("a\tb\n1,5\t2").lines[0]?.values).toEqual(["1,5", "2"]);
});

test("a header that no watchlist can have is told", () => {
  expect(readText("a,,b\n1,2,3").problem).toContain("column 2");
  expect(readText("a,a\n1,2").problem).toContain("“a”");
  expect(readText("").problem).toContain("no header");
});

test("what is sent comes in pieces, each with the header", () => {
  const read = readText(`a\n${Array.from({ length: 5 }, (_, at) => `v${at}`).join("\n")}`);
  expect(pieces(read, 2)).toEqual([
    { rawContent: "a\nv0\nv1", count: 2 },
    { rawContent: "a\nv2\nv3", count: 2 },
    { rawContent: "a\nv4", count: 1 },
  ]);
});

test("five thousand lines are read at once", () => {
  const text = `ip,owner,note\n${Array.from({ length: 5000 }, (_, at) => `10.0.${at >> 8}.${at & 255},"team ${at % 7}",x`).join("\n")}`;
  const began = performance.now();
  const read = readText(text);
  expect(read.lines).toHaveLength(5000);
  expect(performance.now() - began).toBeLessThan(500);
});
