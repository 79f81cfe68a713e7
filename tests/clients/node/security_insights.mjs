// Keeps, reads, lists, changes and deletes a thing of each kind with @azure/arm-securityinsight, part by part.
import { client, names, place, refused, tell, told, workspace } from "./insights.mjs";

async function incidents() {
  const at = [...place, "node-incident"];
  const sent = { title: "From Node", severity: "High", status: "New", labels: [{ labelName: "node" }] };
  const made = await client.incidents.createOrUpdate(...at, sent);
  await client.incidents.createOrUpdate(...place, "node-other", { ...sent, title: "Another", severity: "Low" });
  const filter = "properties/severity eq 'High' and properties/title eq 'From Node'";
  const filtered = await names(client.incidents.list(...place, { filter, orderby: "properties/createdTimeUtc desc" }));
  const both = "properties/title eq 'From Node' or properties/title eq 'Another'";
  const paged = await names(client.incidents.list(...place, { filter: both, orderby: "properties/title asc", top: 1 }));

  await client.incidentComments.createOrUpdate(...at, "one", { message: "looked at it" });
  const comment = await client.incidentComments.get(...at, "one");
  const comments = await names(client.incidentComments.list(...at));

  await client.bookmarks.createOrUpdate(...place, "node-related", { displayName: "Odd", query: "Heartbeat" });
  const relatedResourceId = `${workspace}/providers/Microsoft.SecurityInsights/bookmarks/node-related`;
  await client.incidentRelations.createOrUpdate(...at, "mark", { relatedResourceId });
  const relation = await client.incidentRelations.get(...at, "mark");
  const relations = await names(client.incidentRelations.list(...at));
  const marks = (await client.incidents.listBookmarks(...at)).value.map((each) => each.displayName);
  const alerts = (await client.incidents.listAlerts(...at)).value;
  const entities = (await client.incidents.listEntities(...at)).entities;

  const current = await client.incidents.get(...at);
  const closed = { ...current, status: "Closed", classification: "BenignPositive" };
  const changed = await client.incidents.createOrUpdate(...at, {
    ...closed,
    classificationReason: "SuspiciousButExpected",
  });
  const stale = await refused(client.incidents.createOrUpdate(...at, { ...sent, etag: made.etag }));

  await client.incidentRelations.delete(...at, "mark");
  await client.incidentComments.delete(...at, "one");
  await client.bookmarks.delete(...place, "node-related");
  await client.incidents.delete(...at);
  await client.incidents.delete(...place, "node-other");
  return {
    made: [made.title, made.labels[0].labelName, made.createdTimeUtc instanceof Date, made.incidentNumber > 0],
    filtered,
    paged,
    comment: comment.message,
    comments,
    relation: [relation.relatedResourceName, relation.relatedResourceType],
    relations,
    inside: { marks, alerts, entities },
    counts: [current.additionalData.commentsCount, current.additionalData.bookmarksCount],
    changed: [changed.status, changed.classification, changed.etag !== current.etag],
    stale,
    gone: await refused(client.incidents.get(...at)),
  };
}

async function rules() {
  const at = [...place, "node-rule"];
  const sent = {
    kind: "Scheduled",
    displayName: "From Node",
    enabled: false,
    query: "SigninLogs | where ResultType != '0'",
    queryFrequency: "PT5M",
    queryPeriod: "PT1H",
    severity: "High",
    suppressionDuration: "PT1H",
    suppressionEnabled: false,
    tactics: ["InitialAccess"],
    triggerOperator: "GreaterThan",
    triggerThreshold: 0,
    entityMappings: [
      { entityType: "Account", fieldMappings: [{ identifier: "FullName", columnName: "UserPrincipalName" }] },
    ],
  };
  const made = await client.alertRules.createOrUpdate(...at, sent);
  const shown = await client.alertRules.get(...at);
  const listed = await names(client.alertRules.list(...place));
  const wrong = await refused(client.alertRules.createOrUpdate(...place, "node-wrong", { ...sent, query: "SigninLogs | where (" }));
  const templates = await names(client.alertRuleTemplates.list(...place));
  const actions = await names(client.actions.listByAlertRule(...at));
  await client.alertRules.delete(...at);
  return {
    made: [made.kind, made.queryFrequency, made.lastModifiedUtc instanceof Date],
    shown: [shown.displayName, shown.tactics, shown.entityMappings[0].fieldMappings[0].columnName, shown.triggerThreshold],
    same: shown.etag === made.etag,
    listed: listed.includes("node-rule"),
    wrong: wrong[0],
    templates: templates.length,
    actions,
    gone: await refused(client.alertRules.get(...at)),
  };
}

async function watchlists() {
  const at = [...place, "node-hosts"];
  const made = await client.watchlists.createOrUpdate(...at, {
    displayName: "Hosts",
    provider: "Contoso",
    source: "hosts.csv",
    sourceType: "Local file",
    itemsSearchKey: "Host",
    contentType: "text/csv",
    rawContent: "Host,Town\nweb1,Turin\nweb2,Rome\n",
    numberOfLinesToSkip: 0,
  });
  const shown = await client.watchlists.get(...at);
  const id = "11111111-2222-4333-8444-555555555555";
  await client.watchlistItems.createOrUpdate(...at, id, { itemsKeyValue: { Host: "web3", Town: "Bern" } });
  const item = await client.watchlistItems.get(...at, id);
  const hosts = [];
  for await (const each of client.watchlistItems.list(...at)) hosts.push(each.itemsKeyValue.Host);
  await client.watchlistItems.delete(...at, id);
  const left = (await names(client.watchlistItems.list(...at))).length;
  const listed = await names(client.watchlists.list(...place));
  await client.watchlists.delete(...at);
  return {
    made: made.name,
    shown: [shown.watchlistAlias, shown.itemsSearchKey, shown.created instanceof Date],
    item: item.itemsKeyValue,
    hosts: hosts.sort(),
    left,
    listed: listed.includes("node-hosts"),
    gone: await refused(client.watchlists.get(...at)),
  };
}

async function bookmarks() {
  const at = [...place, "node-mark"];
  const eventTime = new Date("2024-01-02T03:04:05Z");
  const sent = { displayName: "Odd", query: "Heartbeat", queryResult: "{}", labels: ["a"], notes: "n", eventTime };
  await client.bookmarks.createOrUpdate(...at, { ...sent, tactics: ["Execution"], techniques: ["T1059"] });
  const shown = await client.bookmarks.get(...at);
  const changed = await client.bookmarks.createOrUpdate(...at, { ...shown, notes: "more" });
  const listed = await names(client.bookmarks.list(...place));
  const expanded = await client.bookmarkOperations.expand(...at, { startTime: eventTime, endTime: new Date() });
  await client.bookmarks.delete(...at);
  return {
    shown: [shown.displayName, shown.labels, shown.eventTime, shown.tactics],
    changed: changed.notes,
    listed: listed.includes("node-mark"),
    expanded: expanded.value.entities,
    gone: await refused(client.bookmarks.get(...at)),
  };
}

async function indicators() {
  const { threatIntelligenceIndicator: operations, threatIntelligenceIndicators } = client;
  const sent = {
    kind: "indicator",
    displayName: "node scanner",
    source: "Contoso",
    pattern: "[ipv4-addr:value = '203.0.113.77']",
    patternType: "ipv4-addr",
    threatTypes: ["malicious-activity"],
    threatIntelligenceTags: ["one"],
    validFrom: "2024-01-01T00:00:00Z",
  };
  const made = await operations.createIndicator(...place, { ...sent, confidence: 10 });
  for (const confidence of [20, 30]) {
    await operations.create(...place, `node-${confidence}`, { ...sent, confidence });
  }
  await operations.appendTags(...place, made.name, { threatIntelligenceTags: ["two"] });
  const shown = await operations.get(...place, made.name);
  const replaced = await operations.replaceTags(...place, made.name, { ...sent, threatIntelligenceTags: ["three"] });
  const criteria = { keywords: ["node scanner"], pageSize: 2, minConfidence: 5, sources: ["Contoso"] };
  const sortBy = [{ itemKey: "confidence", sortOrder: "descending" }];
  const found = [];
  for await (const each of operations.listQueryIndicators(...place, { ...criteria, sortBy })) {
    found.push(each.confidence);
  }
  const listed = await names(threatIntelligenceIndicators.list(...place));
  const metrics = (await client.threatIntelligenceIndicatorMetrics.list(...place)).value;
  for (const name of [made.name, "node-20", "node-30"]) await operations.delete(...place, name);
  return {
    kind: made.kind,
    pattern: shown.parsedPattern[0].patternTypeValues[0].value,
    tags: [shown.threatIntelligenceTags, replaced.threatIntelligenceTags],
    found,
    listed: listed.includes(made.name),
    metrics: metrics[0].properties.patternTypeMetrics.length > 0,
    gone: await refused(operations.get(...place, made.name)),
  };
}

async function automation() {
  const at = [...place, "node-automation"];
  const conditions = [
    {
      conditionType: "Property",
      conditionProperties: { propertyName: "IncidentSeverity", operator: "Equals", propertyValues: ["High"] },
    },
  ];
  const automationRuleToUpsert = {
    displayName: "From Node",
    order: 1,
    triggeringLogic: { isEnabled: true, triggersOn: "Incidents", triggersWhen: "Created", conditions },
    actions: [{ order: 1, actionType: "ModifyProperties", actionConfiguration: { severity: "Low" } }],
  };
  const made = await client.automationRules.createOrUpdate(...at, { automationRuleToUpsert });
  const shown = await client.automationRules.get(...at);
  const listed = await names(client.automationRules.list(...place));
  await client.automationRules.delete(...at);
  return {
    made: [made.displayName, made.createdTimeUtc instanceof Date],
    condition: shown.triggeringLogic.conditions[0].conditionProperties,
    action: [shown.actions[0].actionType, shown.actions[0].actionConfiguration.severity],
    listed: listed.includes("node-automation"),
    gone: await refused(client.automationRules.get(...at)),
  };
}

async function content() {
  const at = [...place, "node-metadata"];
  const parentId = `${workspace}/providers/Microsoft.SecurityInsights/alertRules/node`;
  await client.metadata.create(...at, { contentId: "node", kind: "AnalyticsRule", parentId, version: "1.0.0" });
  const patched = await client.metadata.update(...at, { author: { name: "Ann" }, firstPublishDate: new Date("2024-01-02") });
  const listed = await names(client.metadata.list(...place, { filter: "properties/contentId eq 'node'", top: 5 }));
  const version = (await client.metadata.get(...at)).version;
  await client.metadata.delete(...at);

  const connector = {
    kind: "AzureActiveDirectory",
    tenantId: told.tenant_id,
    dataTypes: { alerts: { state: "Enabled" } },
  };
  await client.dataConnectors.createOrUpdate(...place, "node-connector", connector);
  const shown = await client.dataConnectors.get(...place, "node-connector");
  const connectors = await names(client.dataConnectors.list(...place));
  const requirements = await client.dataConnectorsCheckRequirementsOperations.post(...place, {
    kind: "AzureActiveDirectory",
    tenantId: told.tenant_id,
  });
  await client.dataConnectors.delete(...place, "node-connector");

  const states = client.sentinelOnboardingStates;
  await states.create(...place, "default", { sentinelOnboardingStateParameter: { customerManagedKey: false } });
  const state = await states.get(...place, "default");
  const all = (await states.list(...place)).value;

  const setting = await client.productSettings.update(...place, "EyesOn", { kind: "EyesOn" });
  await client.productSettings.delete(...place, "EyesOn");
  const operations = await names(client.operations.list());
  return {
    patched: [patched.author.name, patched.firstPublishDate, version],
    listed,
    connector: [shown.kind, shown.dataTypes.alerts.state, connectors.includes("node-connector")],
    requirements: requirements.authorizationState,
    state: [state.name, state.customerManagedKey, all.map((each) => each.name)],
    setting: setting.kind,
    operations: operations.includes("Microsoft.SecurityInsights/incidents/read"),
  };
}

await tell(incidents, rules, watchlists, bookmarks, indicators, automation, content);
