import { expect, test } from "vitest";
import { snippets, type Target } from "./snippets";

const TARGET: Target = { origin: "https://siem.example:8443", tenantId: "t", workspaceId: "w", key: "<the key>" };

test("without a rule there is what the key and syslog take", () => {
  expect(snippets(TARGET).map(({ key }) => key)).toEqual(["collector", "rsyslog"]);
  expect(snippets(TARGET)[1]?.text).toContain('target="siem.example"');
});

test("a rule's stream is named in each of its texts", () => {
  const rule = { immutableId: "dcr-1", stream: "Custom-App_CL", endpoint: "https://siem.example:8443/dce" };
  const found = snippets({ ...TARGET, rule }).slice(0, 3);
  expect(found.map(({ key }) => key)).toEqual(["curl", "python", "logstash"]);
  for (const { text } of found) {
    expect(text).toContain("dcr-1");
    expect(text).toContain("Custom-App_CL");
  }
});
