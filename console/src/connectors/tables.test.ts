import { expect, test } from "vitest";
import { flowOf, flowQuery, lagText, looked, rateText } from "./tables";

test("tables are looked at once each, and none whose name would be something else in KQL", () => {
  expect(looked(["Syslog", "A_CL"], ["A_CL", "x | take 1", "1abc"])).toEqual(["Syslog", "A_CL"]);
});

test("a row of the flow has its lags, whichever way the array comes", () => {
  const row = { Table: "Syslog", Last: "2026-01-01T00:00:00Z", Rows: 120, Hour: 60 };
  expect(flowOf({ ...row, Lags: "[1.5,30]" })).toMatchObject({ perMinute: 1, lag: 1.5, lagHigh: 30 });
  expect(flowOf({ ...row, Lags: [null, null] }).lag).toBeUndefined();
});

test("lags and rates are short", () => {
  expect([lagText(0.24), lagText(59), lagText(300), lagText(90_000), lagText(-3), lagText(undefined)]).toEqual([
    "0.2 s",
    "59 s",
    "5 m",
    "25 h",
    "−3.0 s",
    "–",
  ]);
  expect([rateText(0), rateText(0.5), rateText(1234.5)]).toEqual(["0", "0.50", "1,235"]);
});

test("the query asks each table for itself", () => {
  expect(flowQuery(["A", "B"], 7).match(/ago\(7d\)/g)).toHaveLength(2);
});
