import { expect, test } from "vitest";
import { ATTACK, matrix, readList, tacticText } from "./attack";

const LIST = readList("# a comment\nInitialAccess: T1078 T1566\nPersistence: T1078 T1098\n");

test("the server's list has all tactics of an attack", () => {
  expect(ATTACK.size).toBe(14);
  expect(ATTACK.get("CredentialAccess")).toContain("T1110");
});

test("a technique counts in the tactics that are named; below it too", () => {
  const found = matrix(
    [{ tactics: ["initialaccess"], techniques: ["T1078.004"] }],
    [{ tactics: ["Persistence"], techniques: ["T1078", "T1098"] }],
    LIST,
  );
  expect(found).toEqual([
    {
      name: "InitialAccess",
      queries: 1,
      rules: 0,
      techniques: [
        { technique: "T1078", queries: 1, rules: 0 },
        { technique: "T1566", queries: 0, rules: 0 },
      ],
    },
    {
      name: "Persistence",
      queries: 0,
      rules: 1,
      techniques: [
        { technique: "T1078", queries: 0, rules: 1 },
        { technique: "T1098", queries: 0, rules: 1 },
      ],
    },
  ]);
});

test("what names no tactic counts wherever its technique is", () => {
  const found = matrix([{ tactics: [], techniques: ["t1078"] }], [], LIST);
  expect(found.map(({ queries }) => queries)).toEqual([1, 1]);
});

test("tactics are words", () => {
  expect(tacticText("CommandAndControl")).toBe("Command and control");
});
