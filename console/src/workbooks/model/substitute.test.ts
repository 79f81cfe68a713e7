import { expect, test } from "vitest";
import { namesIn, substitute } from "./substitute";
import { joined, plain, type ParameterValue } from "./values";
import { valueOfRange } from "./choose";

const NOW = Date.parse("2026-11-27T12:00:00Z");
const values: Readonly<Record<string, ParameterValue>> = {
  User: plain("ana", "Ana A."),
  Users: joined(["ana", "o'neil"], ["Ana", "O'Neil"], "'", ","),
  Range: valueOfRange({ duration: 86_400_000 }),
  Fixed: valueOfRange({ duration: 3_600_000, end: "2026-11-01T10:00:00.000Z" }),
  Row: plain('{"ip":"10.0.0.1","tags":["a","b"]}'),
  Id: plain("/subscriptions/s1/resourceGroups/rg1/providers/Microsoft.Web/sites/web1"),
};
const write = (text: string, into: "query" | "text" = "query", row?: Record<string, unknown>): string =>
  substitute(text, { valueOf: (name) => values[name], into, now: NOW, ...(row ? { row } : {}) });

test("a name is its value, and unknown names stay", () => {
  expect(write("User == '{User}' and x == '{Nobody}'")).toBe("User == 'ana' and x == '{Nobody}'");
  expect(write("{User:label} {User:value}")).toBe("Ana A. ana");
});

test("braces that are no reference stay as they are", () => {
  const text = 'dynamic({"a":1}) | where s matches regex @"\\d{3}"';
  expect(write(text)).toBe(text);
  expect(namesIn(text)).toEqual([]);
});

test("several values are quoted and joined, a quote inside is escaped", () => {
  expect(write("x in ({Users})")).toBe(String.raw`x in ('ana','o\'neil')`);
});

test("a range of time is a condition in a query and its label in a text", () => {
  expect(write("T {Range}")).toBe("T > ago(1d)");
  expect(write("since {Range}", "text")).toBe("since Last 24 hours");
  expect(write("{Range:query}|{Range:grain}|{Range:seconds}")).toBe("> ago(1d)|30m|86400");
  expect(write("{Range:start}..{Range:end}")).toBe(
    "datetime(2026-11-26T12:00:00.000Z)..datetime(2026-11-27T12:00:00.000Z)",
  );
  expect(write("T {Fixed}")).toBe(
    "T between (datetime(2026-11-01T09:00:00.000Z) .. datetime(2026-11-01T10:00:00.000Z))",
  );
  expect(write("{Fixed:startISO}")).toBe("2026-11-01T09:00:00.000Z");
});

test("other formats: JSON path, base64, escaping, parts of an id", () => {
  expect(write("{Row:$.ip} {Row:$.tags[1]}")).toBe("10.0.0.1 b");
  expect(write("{User:base64}")).toBe("YW5h");
  expect(write("{Row:escapejson}")).toBe(String.raw`{\"ip\":\"10.0.0.1\",\"tags\":[\"a\",\"b\"]}`);
  expect(write("{Id:name} in {Id:resourceGroup} of {Id:subscriptionId}")).toBe("web1 in rg1 of s1");
});

test("columns of a row are written where there is a row", () => {
  expect(write('of ["Total"] at {User}', "text", { Total: 7 })).toBe("of 7 at ana");
  expect(write('of ["Total"]', "text")).toBe('of ["Total"]');
});
