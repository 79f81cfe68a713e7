import { expect, test } from "vitest";
import { outcomesText } from "./similar";

test("outcomes are counted, what is open last", () => {
  const closed = (classification: string) => ({ status: "Closed", classification });
  const found = [{ status: "New" }, { status: "Active" }, ...Array.from({ length: 7 }, () => closed("FalsePositive"))];
  expect(outcomesText(found)).toBe("9 alike: 7 FP, 2 open");
  expect(outcomesText([closed("TruePositive"), closed("BenignPositive"), closed("BenignPositive")])).toBe(
    "3 alike: 2 BP, 1 TP",
  );
  expect(outcomesText([])).toBe("none alike");
});
