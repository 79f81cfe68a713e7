import { expect, test } from "vitest";
import { csv, tsv } from "~/parts/sheet";
import { curl, parsed, python, record } from "./files";

const table = {
  name: "T",
  columns: [
    { name: "a", type: "string" },
    { name: "n", type: "long" },
    { name: "d", type: "dynamic" },
  ],
  rows: [
    ["=1+1", -5, '{"x":[1]}'],
    ['q"u', null, ""],
    ["two\nlines, a comma", 1, "@x"],
  ],
};

test("CSV: formulas are guarded, numbers and all else are the API's", () => {
  expect(csv(table)).toBe('a,n,d\r\n\'=1+1,-5,"{""x"":[1]}"\r\n"q""u",,\r\n"two\nlines, a comma",1,\'@x\r\n');
});

test("TSV has a line a row", () => {
  expect(tsv(table, table.rows.slice(2), true)).toBe("a\tn\td\ntwo lines, a comma\t1\t'@x");
});

test("a row as an object has its dynamics as values", () => {
  expect(record(table, table.rows[0]!)).toEqual({ a: "=1+1", n: -5, d: { x: [1] } });
  expect([parsed("x"), parsed("[1"), parsed('"s"'), parsed(3)]).toEqual(["x", "[1", "s", 3]);
});

const asked = { origin: "https://v", workspaceId: "w", query: `T | where a == 'x' and b == "y"`, timespan: "P1D" };

test("curl is quoted for a shell", () => {
  expect(curl(asked)).toContain(String.raw`'{"query":"T | where a == '\''x'\'' and b == \"y\"","timespan":"P1D"}'`);
});

test("Python", () => {
  expect(python(asked)).toContain(String.raw`"T | where a == 'x' and b == \"y\""`);
  expect(python(asked)).toContain("timespan=timedelta(days=1, hours=0, minutes=0)");
  expect(python({ ...asked, timespan: "2026-01-01T00:00:00Z/2026-01-02T00:00:00Z" })).toContain(
    'datetime.fromisoformat("2026-01-01T00:00:00+00:00")',
  );
});
