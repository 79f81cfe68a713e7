// Calls what else @azure/arm-securityinsight has: entities and what is known of them, actions, settings, what is refused.
import { client, group, names, place, refused, tell, workspace } from "./insights.mjs";

const hour = 3600_000;
const window = { startTime: new Date(Date.now() - 2 * hour), endTime: new Date(Date.now() + hour) };

async function entities() {
  const incident = [...place, "node-entities"];
  const mark = [...place, "node-entity"];
  await client.incidents.createOrUpdate(...incident, { title: "With entities", severity: "Low", status: "New" });
  await client.bookmarks.createOrUpdate(...mark, {
    displayName: "Odd",
    query: "Heartbeat",
    entityMappings: [
      { entityType: "Account", fieldMappings: [{ identifier: "FullName", value: "nodeve@contoso.com" }] },
      { entityType: "IP", fieldMappings: [{ identifier: "Address", value: "198.51.100.9" }] },
    ],
  });
  const relatedResourceId = `${workspace}/providers/Microsoft.SecurityInsights/incidents/node-entities`;
  await client.bookmarkRelations.createOrUpdate(...mark, "r", { relatedResourceId });
  const relation = await client.bookmarkRelations.get(...mark, "r");
  const relations = await names(client.bookmarkRelations.list(...mark));
  const marked = (await client.bookmarkOperations.expand(...mark, window)).value.entities;
  const account = marked.find((each) => each.kind === "Account");
  const at = [...place, account.name];
  const shown = await client.entities.get(...at);
  const listed = await names(client.entities.list(...place));
  const expanded = await client.entities.expand(...at, window);
  const timeline = await client.entitiesGetTimeline.list(...at, { ...window, numberOfBucket: 1 });
  const queries = (await client.entities.queries(...at, "Insight")).value;
  const insights = await client.entities.getInsights(...at, window);
  const related = await names(client.entitiesRelations.list(...at));
  const one = await client.entityRelations.getRelation(...at, related[0]);
  await client.bookmarkRelations.delete(...mark, "r");
  await client.bookmarks.delete(...mark);
  await client.incidents.delete(...incident);
  return {
    relations: [...relations, relation.relatedResourceName],
    kinds: marked.map((each) => each.kind).sort(),
    shown: [shown.kind, shown.accountName, listed.includes(account.name)],
    expanded: expanded.value.entities.map((each) => each.kind),
    timeline: timeline.value.map((each) => each.kind),
    insights: [insights.value.length === queries.length, insights.metaData.errors],
    related: one.name === related[0],
  };
}

async function entityQueries() {
  const at = [...place, "node-query"];
  await client.entityQueries.createOrUpdate(...at, {
    kind: "Activity",
    title: "An attempt",
    content: "{{UserPrincipalName}} tried",
    queryDefinitions: { query: "SigninLogs | where UserPrincipalName startswith '{{Account_Name}}'" },
    inputEntityType: "Account",
    requiredInputFieldsSets: [["Account_Name"]],
    enabled: true,
  });
  const shown = await client.entityQueries.get(...at);
  const listed = await names(client.entityQueries.list(...place, { kind: "Activity" }));
  await client.entityQueries.delete(...at);
  const templates = await names(client.entityQueryTemplates.list(...place, { kind: "Activity" }));
  const template = await client.entityQueryTemplates.get(...place, templates[0]);
  return {
    shown: [shown.kind, shown.title, shown.createdTimeUtc instanceof Date],
    listed: listed.includes("node-query"),
    template: template.name === templates[0],
    gone: await refused(client.entityQueries.get(...at)),
  };
}

async function responses() {
  const rule = [...place, "node-response"];
  await client.alertRules.createOrUpdate(...rule, {
    kind: "NRT",
    displayName: "Near",
    enabled: false,
    query: "Heartbeat",
    severity: "Low",
    suppressionDuration: "PT1H",
    suppressionEnabled: false,
  });
  const logicAppResourceId = `${group}/providers/Microsoft.Logic/workflows/node`;
  const triggerUri = "https://prod-1.logic.azure.com:443/workflows/1/triggers/manual/paths/invoke?sig=secret";
  await client.actions.createOrUpdate(...rule, "a", { logicAppResourceId, triggerUri });
  const action = await client.actions.get(...rule, "a");
  const actions = await names(client.actions.listByAlertRule(...rule));
  await client.actions.delete(...rule, "a");
  const near = await client.alertRules.get(...rule);
  await client.alertRules.delete(...rule);
  const templates = await names(client.alertRuleTemplates.list(...place));
  const template = await client.alertRuleTemplates.get(...place, templates[0]);

  const incident = [...place, "node-team"];
  await client.incidents.createOrUpdate(...incident, { title: "Team", severity: "Low", status: "New" });
  const requestBody = { logicAppsResourceId: `${group}/providers/Microsoft.Logic/workflows/none` };
  const playbook = await refused(client.incidents.runPlaybook(...incident, { requestBody }));
  const team = await refused(client.incidents.createTeam(...incident, { teamName: "t" }));
  await client.incidents.delete(...incident);
  return {
    near: near.kind,
    action: [action.logicAppResourceId === logicAppResourceId, JSON.stringify(action).includes("secret")],
    actions,
    template: template.name === templates[0],
    refused: [playbook, team],
  };
}

async function settings() {
  const at = [...place, "node-anomaly"];
  await client.securityMLAnalyticsSettings.createOrUpdate(...at, {
    kind: "Anomaly",
    displayName: "Odd",
    enabled: true,
    anomalyVersion: "1.0.5",
    frequency: "PT1H",
    isDefaultSettings: true,
    settingsStatus: "Production",
    settingsDefinitionId: "11111111-2222-4333-8444-555555555557",
  });
  const anomaly = await client.securityMLAnalyticsSettings.get(...at);
  const anomalies = await names(client.securityMLAnalyticsSettings.list(...place));
  await client.securityMLAnalyticsSettings.delete(...at);

  const repository = [...place, "node-repository"];
  const sent = { displayName: "d", repoType: "Github", contentTypes: ["AnalyticRule"] };
  const made = await client.sourceControls.create(...repository, {
    ...sent,
    repository: { url: "https://github.com/user/repo", branch: "main" },
  });
  const controls = await names(client.sourceControls.list(...place));
  const control = await client.sourceControls.get(...repository);
  await client.sourceControls.delete(...repository);

  await client.productSettings.update(...place, "Anomalies", { kind: "Anomalies" });
  const products = (await client.productSettings.list(...place)).value.map((each) => each.name);
  const product = await client.productSettings.get(...place, "Anomalies");
  await client.productSettings.delete(...place, "Anomalies");
  return {
    anomaly: [anomaly.kind, anomaly.displayName, anomalies.includes("node-anomaly")],
    control: [made.name, control.repository.branch, controls.includes("node-repository")],
    product: [product.kind, products.includes("Anomalies")],
  };
}

async function polling() {
  const at = [...place, "node-polling"];
  const request = { apiEndpoint: "https://contoso.com", httpMethod: "Get", queryTimeFormat: "UtcNow", queryWindowInMin: 5 };
  await client.dataConnectors.createOrUpdate(...at, {
    kind: "APIPolling",
    pollingConfig: { request, auth: { authType: "APIKey" } },
  });
  await client.dataConnectors.connect(...at, { kind: "APIKey", apiKey: "hunter2" });
  const connected = await client.dataConnectors.get(...at);
  await client.dataConnectors.disconnect(...at);
  const disconnected = await client.dataConnectors.get(...at);
  await client.dataConnectors.delete(...at);
  return {
    kind: connected.kind,
    active: [connected.pollingConfig.isActive, disconnected.pollingConfig.isActive],
    secret: JSON.stringify(connected).includes("hunter2"),
  };
}

async function imports() {
  const at = [...place, "node-import"];
  const sent = { ingestionMode: "IngestAnyValidRecords", contentType: "BasicIndicator", source: "s" };
  const importFile = { fileFormat: "CSV", fileName: "a.csv", fileSize: 1 };
  const begun = await client.fileImports.create(...at, { ...sent, importFile });
  const shown = await client.fileImports.get(...at);
  const listed = await names(client.fileImports.list(...place));
  await client.fileImports.beginDeleteAndWait(...at);
  return {
    begun: [begun.state, new URL(begun.importFile.fileContentUri).protocol],
    shown: [shown.name, listed.includes("node-import")],
    deleted: await refused(client.fileImports.get(...at)),
  };
}

async function absent() {
  await client.officeConsents.delete(...place, "none");
  return {
    empty: await names(client.officeConsents.list(...place)),
    consent: await refused(client.officeConsents.get(...place, "none")),
    repositories: await refused(names(client.sourceControlOperations.listRepositories(...place, "Github"))),
    address: await refused(client.iPGeodata.get(place[0], "198.51.100.7")),
    domain: await refused(client.domainWhois.get(place[0], "contoso.com")),
  };
}

await tell(entities, entityQueries, responses, settings, polling, imports, absent);
