import { expect, test } from "vitest";
import { expectedText } from "./expected";

test.each([
  ["none", "no alert"],
  ["fires", "at least one alert"],
  [2, "2 alerts"],
  [{ alerts: [{ title: "x" }], incidents: 1 }, "1 alert, 1 incident"],
  [{ alerts: "none", runs: 2 }, "no alert, 2 runs"],
  [{ error: "SEM0100" }, 'the error "SEM0100"'],
])("%j is %s", (expected, text) => expect(expectedText(expected)).toBe(text));
