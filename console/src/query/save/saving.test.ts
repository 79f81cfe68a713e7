import { expect, test } from "vitest";
import { propertiesOf } from "./saving";

const wanted = {
  kind: "hunting",
  name: "N",
  query: "T",
  category: "C",
  description: "D",
  tactics: ["InitialAccess", "Impact"],
  techniques: ["T1078"],
  parameters: "a:string",
} as const;

test("a hunting query has its tactics among its tags", () => {
  expect(propertiesOf(wanted)).toEqual({
    displayName: "N",
    category: "Hunting Queries",
    query: "T",
    version: 2,
    tags: [
      { name: "description", value: "D" },
      { name: "tactics", value: "InitialAccess,Impact" },
      { name: "techniques", value: "T1078" },
    ],
  });
});

test("a function has its name as alias, and its parameters", () => {
  expect(propertiesOf({ ...wanted, kind: "function", description: "", category: "" })).toEqual({
    displayName: "N",
    category: "Saved",
    query: "T",
    version: 2,
    functionAlias: "N",
    functionParameters: "a:string",
  });
});
