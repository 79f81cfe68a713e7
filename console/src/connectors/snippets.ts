// How senders are told where to send to: texts to copy, for a data collection rule, the Data Collector API and syslog.

export interface Target {
  readonly origin: string;
  readonly tenantId: string;
  readonly workspaceId: string;
  readonly key: string;
  /** Of a data collection rule, where one is chosen. */
  readonly rule?: { readonly immutableId: string; readonly stream: string; readonly endpoint: string };
}

export interface Snippet {
  readonly key: string;
  readonly title: string;
  readonly text: string;
}

export function snippets(target: Target): Snippet[] {
  const { rule } = target;
  const host = new URL(target.origin).hostname;
  return [
    ...(rule
      ? [
          { key: "curl", title: "curl, data collection rule", text: curl(target, rule) },
          { key: "python", title: "Python, azure-monitor-ingestion", text: python(target, rule) },
          { key: "logstash", title: "Logstash", text: logstash(target, rule) },
        ]
      : []),
    { key: "collector", title: "curl, Data Collector API with the key", text: collector(target) },
    { key: "rsyslog", title: "rsyslog (a server with --syslog)", text: rsyslog(host) },
  ];
}

function curl({ origin, tenantId }: Target, rule: NonNullable<Target["rule"]>): string {
  return `TOKEN=$(curl -s ${origin}/${tenantId}/oauth2/v2.0/token \\
  -d grant_type=client_credentials -d client_id=$CLIENT_ID -d client_secret=$CLIENT_SECRET \\
  -d scope=https://monitor.azure.com/.default | jq -r .access_token)
curl '${rule.endpoint}/dataCollectionRules/${rule.immutableId}/streams/${rule.stream}?api-version=2023-01-01' \\
  -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' \\
  -d '[{"TimeGenerated": "2026-01-01T00:00:00Z", "RawData": "an event"}]'`;
}

function python({ origin, tenantId }: Target, rule: NonNullable<Target["rule"]>): string {
  return `from azure.identity import ClientSecretCredential
from azure.monitor.ingestion import LogsIngestionClient

credential = ClientSecretCredential("${tenantId}", CLIENT_ID, CLIENT_SECRET,
    authority="${origin}", disable_instance_discovery=True)
client = LogsIngestionClient("${rule.endpoint}", credential)
client.upload("${rule.immutableId}", "${rule.stream}", [{"TimeGenerated": "2026-01-01T00:00:00Z", "RawData": "an event"}])`;
}

function logstash({ tenantId }: Target, rule: NonNullable<Target["rule"]>): string {
  return `output {
  microsoft-sentinel-log-analytics-logstash-output-plugin {
    client_app_Id => "CLIENT_ID"
    client_app_secret => "CLIENT_SECRET"
    tenant_id => "${tenantId}"
    data_collection_endpoint => "${rule.endpoint}"
    dcr_immutable_id => "${rule.immutableId}"
    dcr_stream_name => "${rule.stream}"
  }
}`;
}

function collector({ origin, workspaceId, key }: Target): string {
  return `BODY='[{"message": "an event"}]'
KEY='${key}'
DATE=$(LC_ALL=C date -u '+%a, %d %b %Y %H:%M:%S GMT')
SIGNED=$(printf 'POST\\n%s\\napplication/json\\nx-ms-date:%s\\n/api/logs' "\${#BODY}" "$DATE" \\
  | openssl dgst -sha256 -mac HMAC -macopt hexkey:$(printf %s "$KEY" | base64 -d | xxd -p -c 256) -binary | base64)
curl '${origin}/api/logs?api-version=2016-04-01' -d "$BODY" -H 'Content-Type: application/json' \\
  -H 'Log-Type: Example' -H "x-ms-date: $DATE" -H "Authorization: SharedKey ${workspaceId}:$SIGNED"`;
}

function rsyslog(host: string): string {
  return `action(type="omfwd" target="${host}" port="5514" protocol="tcp"
  TCP_Framing="octet-counted" template="RSYSLOG_SyslogProtocol23Format")`;
}
