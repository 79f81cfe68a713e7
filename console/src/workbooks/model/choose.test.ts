import { expect, test } from "vitest";
import { chosenValue, severalValue, timeValue } from "./choose";
import { choicesOfJson, choicesOfRows, parametersOf, type ParameterDefinition } from "./parameters";

function parameter(raw: Record<string, unknown>): ParameterDefinition {
  return parametersOf({ parameters: [{ name: "P", type: 2, ...raw }] }, "0")[0]!;
}

const CHOICES = choicesOfJson('[{"value":"a","label":"A"},{"value":"b","label":"B","selected":true},"c"]');

test("choices of JSON and of rows", () => {
  expect(CHOICES.map((each) => each.label)).toEqual(["A", "B", "c"]);
  expect(choicesOfRows(["n"], [["x"], ["x"], [null], ["y"]]).map((each) => each.value)).toEqual(["x", "y"]);
  expect(choicesOfRows(["label", "value", "selected"], [["X", "x", true]])).toEqual([
    { value: "x", label: "X", group: "", selected: true },
  ]);
});

test("one of them: what was chosen, else what is selected", () => {
  expect(chosenValue(parameter({}), CHOICES, "a")).toMatchObject({ value: "a", label: "A" });
  expect(chosenValue(parameter({}), CHOICES, undefined).value).toBe("b");
  expect(chosenValue(parameter({}), CHOICES, "gone").value).toBe("b");
});

test("several of them, quoted; all of them; a word for all", () => {
  const several = { multiSelect: true, quote: "'", delimiter: "," };
  expect(chosenValue(parameter(several), CHOICES, ["a", "c"]).value).toBe("'a','c'");
  const all = { ...several, typeSettings: { additionalResourceOptions: ["value::all"] } };
  expect(chosenValue(parameter(all), CHOICES, ["value::all"])).toMatchObject({ value: "'a','b','c'", label: "All" });
  const word = { ...several, typeSettings: { additionalResourceOptions: ["value::all"], selectAllValue: "*" } };
  expect(chosenValue(parameter(word), CHOICES, ["value::all"])).toMatchObject({ value: "'*'", label: "All" });
});

test("any number of them, and a default", () => {
  const some = { multiSelect: true, quote: "", defaultValue: "value::2" };
  const plain = CHOICES.map((each) => ({ ...each, selected: false }));
  expect(chosenValue(parameter(some), plain, undefined).value).toBe("a,b");
  expect(chosenValue(parameter(some), plain, ["value::1"]).value).toBe("a");
});

test("a required choice without any is unset, a required resource is the first", () => {
  const plain = CHOICES.map((each) => ({ ...each, selected: false }));
  expect(chosenValue(parameter({ isRequired: true }), plain, undefined).value).toBe("");
  expect(chosenValue(parameter({ isRequired: true, type: 5 }), plain, undefined).value).toBe("a");
});

test("ids of resources have no casing", () => {
  const choices = choicesOfJson('["/subscriptions/S/x"]');
  expect(chosenValue(parameter({ type: 5 }), choices, "/SUBSCRIPTIONS/s/X").value).toBe("/subscriptions/S/x");
  expect(chosenValue(parameter({}), choices, "/SUBSCRIPTIONS/s/X").value).toBe("");
});

test("ranges of time and free texts", () => {
  const time = parameter({
    type: 4,
    isRequired: true,
    typeSettings: { selectableValues: [{ durationMs: 3_600_000 }] },
  });
  expect(timeValue(time, { durationMs: 86_400_000 })?.label).toBe("Last 24 hours");
  expect(timeValue(time, undefined)?.label).toBe("Last hour");
  expect(severalValue(parameter({ type: 11, quote: "'" }), ["x", "y"]).value).toBe("'x','y'");
});
