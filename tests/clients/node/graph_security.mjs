// Graph's security API with @microsoft/microsoft-graph-client, as its documentation shows it.
import { readFileSync } from "node:fs";
import { ClientSecretCredential } from "@azure/identity";
import { Client, PageIterator } from "@microsoft/microsoft-graph-client";
import { TokenCredentialAuthenticationProvider } from "@microsoft/microsoft-graph-client/authProviders/azureTokenCredentials/index.js";

const told = JSON.parse(readFileSync(0, "utf8"));
const credential = new ClientSecretCredential(told.tenant_id, told.client_id, told.client_secret, {
  authorityHost: told.https,
  disableInstanceDiscovery: true,
});
const authProvider = new TokenCredentialAuthenticationProvider(credential, {
  scopes: ["https://graph.microsoft.com/.default"],
});
const client = Client.initWithMiddleware({
  authProvider,
  baseUrl: `${told.https}/`,
  customHosts: new Set([new URL(told.https).hostname]),
});

let pages = 0;
const titles = [];
let page = await client.api("/security/alerts_v2").top(1).get();
for (;;) {
  pages += 1;
  titles.push(...page.value.map((each) => each.title));
  if (!page["@odata.nextLink"]) break;
  page = await client.api(page["@odata.nextLink"]).get();
}

const legacy = client.api("/security/alerts");
const first = (await legacy.filter("vendorInformation/provider eq 'Azure Sentinel'").top(5).get()).value[0];
const { provider, vendor } = first.vendorInformation;
const patched = await client
  .api(`/security/alerts/${first.id}`)
  .patch({ status: "resolved", vendorInformation: { provider, vendor } });
const { status } = await client.api(`/security/alerts/${first.id}`).select("status").get();
const left = await client.api("/security/alerts_v2").filter("status eq 'new'").count(true).get();

const id = (await client.api("/security/incidents").top(50).get()).value[0].id;
await client.api(`/security/incidents/${id}`).patch({ status: "inProgress" });
const incidents = [];
const listed = await client.api("/security/incidents").version("beta").expand("alerts").orderby("createdDateTime desc").get();
await new PageIterator(client, listed, (each) => incidents.push([each.status, each.alerts.length])).iterate();

let refused = null;
try {
  await client.api("/security/incidents/999").get();
} catch (error) {
  refused = [error.statusCode, error.code];
}
console.log(
  JSON.stringify({
    titles,
    pages,
    patched: patched ?? null,
    status,
    count: left["@odata.count"],
    incidents: incidents.sort((one, other) => (one[0] < other[0] ? 1 : -1)),
    refused,
  }),
);
