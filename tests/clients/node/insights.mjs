// @azure/arm-securityinsight's client of the server that standard input tells of, signed in by @azure/identity.
import { readFileSync } from "node:fs";
import { ClientSecretCredential } from "@azure/identity";
import insights from "@azure/arm-securityinsight";

export const told = JSON.parse(readFileSync(0, "utf8"));
const credential = new ClientSecretCredential(told.tenant_id, told.client_id, told.client_secret, {
  authorityHost: told.https,
  disableInstanceDiscovery: true,
});
export const client = new insights.SecurityInsights(credential, told.subscription_id, {
  endpoint: told.https,
  $host: told.https,
  retryOptions: { maxRetries: 0 },
});
export const place = [told.resource_group, told.workspace_name];
export const group = `/subscriptions/${told.subscription_id}/resourceGroups/${told.resource_group}`;
export const workspace = `${group}/providers/Microsoft.OperationalInsights/workspaces/${told.workspace_name}`;

export async function names(pages) {
  const found = [];
  for await (const each of pages) found.push(each.name);
  return found;
}

// The status and code of a refusal.
export async function refused(asked) {
  try {
    await asked;
  } catch (error) {
    return [error.statusCode, error.code];
  }
  return null;
}

// Says what each part made of the answers; of one that failed, why.
export async function tell(...parts) {
  const found = {};
  for (const part of parts) {
    try {
      found[part.name] = await part();
    } catch (error) {
      found[part.name] = { failed: `${error.stack}\n${error.response?.bodyAsText ?? ""}` };
    }
  }
  console.log(JSON.stringify(found));
}
