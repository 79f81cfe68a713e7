// Asks a live server with @azure/monitor-query-logs and azure-kusto-data, and prints what they made of the answers.

import { ClientSecretCredential } from "@azure/identity";
import { LogsQueryClient } from "@azure/monitor-query-logs";
import { Client, ClientRequestProperties, KustoConnectionStringBuilder } from "azure-kusto-data";

const ready = JSON.parse(process.env.VEDETTE_READY);
const credential = new ClientSecretCredential(ready.tenant_id, ready.client_id, ready.client_secret, {
  authorityHost: ready.https,
  disableInstanceDiscovery: true,
});
const told = {};

const logs = new LogsQueryClient(credential, {
  endpoint: `${ready.https}/v1`,
  audience: `${ready.https}/.default`,
  retryOptions: { maxRetries: 0 },
});
const hour = { duration: "PT1H" };
const one = await logs.queryWorkspace(ready.workspace_id, "print a = 1, b = 'x', t = datetime(2024-01-02)", hour);
told.one = { status: one.status, rows: one.tables[0].rows, columns: one.tables[0].columnDescriptors };
const batch = await logs.queryBatch([
  { workspaceId: ready.workspace_id, query: "print 1", timespan: hour },
  { workspaceId: ready.workspace_id, query: "nope", timespan: hour },
]);
told.batch = batch.map((each) => each.status);
const resource =
  `/subscriptions/${ready.subscription_id}/resourceGroups/${ready.resource_group}` +
  `/providers/Microsoft.OperationalInsights/workspaces/${ready.workspace_name}`;
told.resource = (await logs.queryResource(resource, "print 2", hour)).tables[0].rows;
told.partial = (await logs.queryWorkspace(ready.workspace_id, "range n from 1 to 500001 step 1", hour)).status;

const kusto = new Client(KustoConnectionStringBuilder.withTokenCredential(ready.https, credential));
const properties = new ClientRequestProperties();
properties.setParameter("least", 2);
const answer = await kusto.execute(
  ready.workspace_name,
  "declare query_parameters(least:long); range n from 1 to 3 step 1 | where n >= least | extend d = dynamic([1])",
  properties,
);
told.kusto = [...answer.primaryResults[0].rows()].map((row) => row.toJSON());
const version = await kusto.execute(ready.workspace_name, ".show version");
told.version = version.primaryResults[0][0]?.toJSON?.() ?? [...version.primaryResults[0].rows()][0].toJSON();
try {
  await kusto.execute(ready.workspace_name, "NoSuchTable");
} catch (error) {
  told.error = JSON.stringify(error.response?.data ?? error.message);
}
console.log(JSON.stringify(told));
