import { expect, test } from "vitest";
import { KINDS, patternOf, wrongValue } from "./patterns";

test("a pattern compares what the kind is about; several values are alternatives", () => {
  expect(patternOf(KINDS["ipv4"]!, ["203.0.113.7", "198.51.100.0/24"])).toBe(
    "[ipv4-addr:value = '203.0.113.7' OR ipv4-addr:value = '198.51.100.0/24']",
  );
  expect(patternOf(KINDS["sha256"]!, ["ab"])).toBe("[file:hashes.'SHA-256' = 'ab']");
  expect(patternOf(KINDS["as"]!, ["64496"])).toBe("[autonomous-system:number = 64496]");
});

test("quotation marks and backslashes stay in the text", () => {
  expect(patternOf(KINDS["registry"]!, ["HKLM\\it's"])).toBe(String.raw`[windows-registry-key:key = 'HKLM\\it\'s']`);
});

test.each([
  ["ipv4", "203.0.113.7", "2001:db8::1"],
  ["ipv6", "2001:db8::1", "203.0.113.7"],
  ["domain", "bad.example", "https://bad.example"],
  ["url", "https://bad.example/x", "bad.example"],
  ["md5", "d41d8cd98f00b204e9800998ecf8427e", "da39a3ee"],
  ["email", "x@bad.example", "bad.example"],
  ["mac", "00:00:5e:00:53:01", "0000.5e00.5301"],
])("%s takes %s and not %s", (kind, good, bad) => {
  expect(wrongValue(KINDS[kind]!, [good])).toBeUndefined();
  expect(wrongValue(KINDS[kind]!, [good, bad])).toBe(bad);
});
