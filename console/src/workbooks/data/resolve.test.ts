import { expect, test } from "vitest";
import type { Workspace } from "~/api/workspaces";
import type { QuerySpec } from "../model/query";
import { Scope } from "../model/scope";
import { resolve, type Resolution } from "./resolve";

const WORKSPACE = { id: "/w", customerId: "c" } as unknown as Workspace;

function asked(frame: Record<string, unknown>): Resolution {
  const spec = { source: 12, text: JSON.stringify(frame), resources: [], rangeFrom: "" } as unknown as QuerySpec;
  const around = { scope: new Scope(), now: 0, workspace: WORKSPACE, workspaces: [WORKSPACE], fallback: [] };
  return resolve(spec, { ...around, named: () => undefined });
}

test("what is asked by POST and changes nothing is sent", () => {
  for (const path of [
    "/providers/Microsoft.ResourceGraph/resources",
    "/subscriptions/s/resourceGroups/g/providers/Microsoft.SecurityInsights/incidents/1/alerts?api-version=2024-03-01",
  ]) {
    expect(asked({ method: "POST", path })).toMatchObject({ state: "ready", resolved: { method: "POST", path } });
  }
});

test("a workbook has no request sent that changes something with the rights of whoever looks", () => {
  for (const path of [
    "/w/providers/Microsoft.SecurityInsights/incidents/1/runPlaybook",
    "/w/providers/Microsoft.SecurityInsights/incidents/1/runPlaybook?to=/alerts",
    "/w/providers/Microsoft.SecurityInsights/incidents/1/runPlaybook#/alerts",
    "/w/runPlaybook%3F/alerts",
    "/w/alerts/../runPlaybook",
    "/batch",
    "/w/regenerateSharedKey",
    "/w/sharedKeys",
    "https://management.azure.com/w/providers/Microsoft.SecurityInsights/threatIntelligence/main/createIndicator",
  ]) {
    expect(asked({ method: "POST", path }), path).toMatchObject({ state: "wrong" });
  }
  expect(asked({ method: "PUT", path: "/w/alerts" })).toMatchObject({ state: "wrong" });
});
