// Sends records with @azure/monitor-ingestion as its documentation shows; what it is told comes on stdin, the outcome
// goes to stdout as JSON.
import { readFileSync } from "node:fs";
import { ClientSecretCredential } from "@azure/identity";
import { LogsIngestionClient, isAggregateLogsUploadError } from "@azure/monitor-ingestion";

const told = JSON.parse(readFileSync(0, "utf-8"));
const credential = new ClientSecretCredential(told.tenant_id, told.client_id, told.client_secret, {
  authorityHost: told.https,
  disableInstanceDiscovery: true,
});
const client = new LogsIngestionClient(told.endpoint, credential, { retryOptions: { maxRetries: 0 } });
const records = Array.from({ length: told.count }, (_, number) => ({ ...told.record, Computer: `js${number}` }));
try {
  await client.upload(told.rule, told.stream, records, { maxConcurrency: 4 });
  console.log(JSON.stringify({ uploaded: records.length }));
} catch (error) {
  const errors = isAggregateLogsUploadError(error) ? error.errors.map((each) => each.cause) : [error];
  console.log(JSON.stringify({ errors: errors.map(({ code, statusCode, message }) => ({ code, statusCode, message })) }));
}
