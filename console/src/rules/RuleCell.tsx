// One cell of the list of rules.
import { Instant } from "~/parts/time";
import { shortDuration } from "./durations";
import { driftText } from "./drift";
import type { Row } from "./filters";
import { isAutoDisabled } from "./model";
import { Sparkline } from "./Sparkline";

export function RuleCell({
  row,
  column,
  chosen,
}: {
  row: Row | undefined;
  column: string;
  chosen: ReadonlySet<string>;
}) {
  if (!row) return null;
  const { properties, kind, name } = row.rule;
  switch (column) {
    case "on":
      return (
        <>
          <span aria-hidden="true">{chosen.has(name) ? "▣ " : "▢ "}</span>
          {isAutoDisabled(row.rule) ? (
            <span className="bad" title="The server disabled it: its runs failed again and again">
              ⊘ auto
            </span>
          ) : properties.enabled ? (
            <span className="good">● on</span>
          ) : (
            <span className="faint">○ off</span>
          )}
        </>
      );
    case "name":
      return (
        <span title={row.isDrafted ? "Something that is written is not saved" : properties.displayName}>
          {properties.displayName}
          {row.isDrafted && <span className="warn"> •</span>}
        </span>
      );
    case "severity":
      return <span className={`severity-${properties.severity}`}>{properties.severity ?? "–"}</span>;
    case "kind":
      return kind === "MicrosoftSecurityIncidentCreation" ? <span title={kind}>Incidents</span> : kind;
    case "schedule":
      if (kind === "NRT") return "1m, arrival";
      return properties.queryFrequency
        ? `${shortDuration(properties.queryFrequency)} / ${shortDuration(properties.queryPeriod)}`
        : "–";
    case "last":
      return <LastRun row={row} />;
    case "fires":
      return row.activity ? <Sparkline values={row.activity.fires} what="alerts in 14 days" /> : "–";
    case "tests":
      return <Tests row={row} />;
    case "drift":
      return (
        <span
          className={["behind", "changed"].includes(row.drift.state) ? "warn" : "faint"}
          title={row.drift.state === "changed" ? `Differs in ${row.drift.fields.join(", ")}` : driftText(row.drift)}
        >
          {driftText(row.drift)}
        </span>
      );
    default:
      return [...(properties.tactics ?? []), ...(properties.techniques ?? [])].join(" ");
  }
}

function LastRun({ row }: { row: Row }) {
  const { activity } = row;
  if (!activity?.lastRun) return <span className="faint">not run yet</span>;
  const went = activity.status === "Failure";
  return (
    <span className={went ? "bad" : undefined} title={activity.description}>
      {went ? "✗ " : "✓ "}
      <Instant value={activity.lastRun} />
    </span>
  );
}

function Tests({ row: { tests, rule } }: { row: Row }) {
  if (!tests) return <span className="faint">–</span>;
  const { lastRun } = tests;
  if (!lastRun)
    return (
      <span className="faint" title="Not run since they were changed">
        not run
      </span>
    );
  const isStale = `"${lastRun.ruleEtag}"` !== rule.etag && lastRun.ruleEtag !== rule.etag;
  return (
    <span title={isStale ? "The rule was changed since they were run" : `Run at ${lastRun.at}`}>
      {isStale && "~ "}
      <span className="good">✓{lastRun.passed}</span>{" "}
      {lastRun.failed > 0 && <span className="bad">✗{lastRun.failed}</span>}
    </span>
  );
}
