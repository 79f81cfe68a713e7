import { expect, test } from "vitest";
import { secondsOf, shortDuration, wireDuration } from "./durations";

test.each([
  ["PT5M", 300],
  ["P1DT2H", 93_600],
  ["P2W", 1_209_600],
  ["5m", 300],
  ["1h 30m", 5400],
  ["P", undefined],
  ["5 minutes", undefined],
  ["", undefined],
])("%s is %s seconds", (text, seconds) => expect(secondsOf(text)).toBe(seconds));

test.each([
  ["PT5M", "5m"],
  ["PT90M", "1h 30m"],
  ["P14D", "14d"],
  ["PT0S", "0s"],
  ["what", "what"],
])("%s is shown as %s", (wire, short) => expect(shortDuration(wire)).toBe(short));

test.each([
  ["5m", "PT5M"],
  ["24h", "P1D"],
  ["1d2h", "P1DT2H"],
  ["90s", "PT1M30S"],
  ["PT5H", "PT5H"],
  ["soon", undefined],
])("%s is sent as %s", (typed, wire) => expect(wireDuration(typed)).toBe(wire));
