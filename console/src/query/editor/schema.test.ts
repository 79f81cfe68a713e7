import { expect, test } from "vitest";
import { engineSchema, parameters } from "./schema";

test("parameters as KQL writes them", () => {
  expect(parameters("a:string, n:long=5, s:string='x,y'")).toEqual([
    { name: "a", type: "string", cslType: "string" },
    { name: "n", type: "long", cslType: "long", cslDefaultValue: "5" },
    { name: "s", type: "string", cslType: "string", cslDefaultValue: "'x,y'" },
  ]);
  expect(parameters("T:(x:long, *), U:(*)")).toEqual([
    { name: "T", columns: [{ name: "x", type: "long", cslType: "long" }] },
    { name: "U", columns: [] },
  ]);
  expect(parameters("")).toEqual([]);
});

test("tables, saved functions, and Sentinel's own", () => {
  const schema = engineSchema(
    {
      tables: [{ id: "T", name: "T", description: "A table.", columns: [{ name: "a", type: "string" }] }],
      functions: [{ name: "f", parameters: "x:long", body: "print x" }],
    },
    3,
  );
  expect(schema.database.majorVersion).toBe(3);
  expect(schema.database.tables[0]).toMatchObject({ name: "T", columns: [{ name: "a", type: "string" }] });
  expect(schema.database.functions.map((each) => each.name)).toEqual(["f", "_GetWatchlist", "_GetWatchlistAlias"]);
  expect(schema.database.functions[0]?.body).toBe("{ print x\n}");
});
