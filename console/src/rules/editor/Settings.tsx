// All settings of a rule that is a query, a section for each step of what becomes of an event.
import { Check, Duration, Field, Section, Select, Text, Choices } from "./fields";
import { shortDuration } from "../durations";
import { OPERATORS, SEVERITIES, TACTICS, type RuleBody, type RuleProperties } from "../model";
import { AlertDetails } from "./AlertDetails";
import { CustomDetails } from "./CustomDetails";
import { Entities } from "./Entities";
import { Incidents } from "./Incidents";
import { Automation } from "./Automation";

export interface SettingsProps {
  readonly body: RuleBody;
  readonly change: (patch: Partial<RuleProperties>) => void;
  /** The first row of the newest preview, by column. */
  readonly sample: Readonly<Record<string, unknown>> | undefined;
}

export function Settings({
  body,
  change,
  changeKind,
  sample,
  ruleId,
}: SettingsProps & { changeKind: ((kind: string) => void) | undefined; ruleId: string | undefined }) {
  const { properties, kind } = body;
  return (
    <div className="settings">
      <General properties={properties} change={change} />
      {changeKind && (
        <Field label="Kind">
          <Select
            value={kind}
            set={changeKind}
            options={[
              ["Scheduled", "Scheduled: every so often"],
              ["NRT", "NRT: each minute, what arrived"],
            ]}
          />
        </Field>
      )}
      {kind === "Scheduled" ? (
        <Schedule properties={properties} change={change} />
      ) : (
        <p className="faint">Each minute, over what arrived in that minute; every result counts.</p>
      )}
      <Alerts properties={properties} change={change} />
      <Entities properties={properties} change={change} />
      <AlertDetails properties={properties} change={change} sample={sample} />
      <CustomDetails properties={properties} change={change} />
      <Incidents properties={properties} change={change} />
      <Tactics properties={properties} change={change} />
      <Automation ruleId={ruleId} />
    </div>
  );
}

type Part = Pick<SettingsProps, "change"> & { readonly properties: RuleProperties };

function General({ properties, change }: Part) {
  return (
    <Section title="General" summary={properties.severity ?? ""} open>
      <Field label="Name" place="displayName">
        <Text value={properties.displayName} set={(displayName) => change({ displayName })} />
      </Field>
      <Field label="Severity">
        <Select
          value={properties.severity ?? ""}
          set={(severity) => change({ severity })}
          options={SEVERITIES.map((each) => [each, each] as const)}
        />
      </Field>
      <Field label="Description">
        <Text rows={2} value={properties.description ?? ""} set={(description) => change({ description })} />
      </Field>
    </Section>
  );
}

function Schedule({ properties, change }: Part) {
  const sign = OPERATORS[properties.triggerOperator as keyof typeof OPERATORS] ?? "?";
  const summary = `every ${shortDuration(properties.queryFrequency)} over ${shortDuration(properties.queryPeriod)} · trigger ${sign} ${properties.triggerThreshold ?? 0}`;
  return (
    <Section title="Schedule" summary={summary} open>
      <div className="pair">
        <Field label="Every" place="queryFrequency">
          <Duration value={properties.queryFrequency} set={(queryFrequency) => change({ queryFrequency })} />
        </Field>
        <Field label="over" place="queryPeriod">
          <Duration value={properties.queryPeriod} set={(queryPeriod) => change({ queryPeriod })} />
        </Field>
      </div>
      <div className="pair">
        <Field label="Fires if results" place="triggerOperator">
          <Select
            value={properties.triggerOperator ?? ""}
            set={(triggerOperator) => change({ triggerOperator })}
            options={[
              ["GreaterThan", "> more than"],
              ["LessThan", "< fewer than"],
              ["Equal", "= exactly"],
              ["NotEqual", "≠ not"],
            ]}
          />
        </Field>
        <Field label="count" place="triggerThreshold">
          <input
            type="number"
            min={0}
            max={10_000}
            value={properties.triggerThreshold ?? 0}
            onChange={(event) => change({ triggerThreshold: event.target.valueAsNumber || 0 })}
          />
        </Field>
      </div>
      <Field label="First run (UTC)">
        <input
          type="datetime-local"
          value={(properties.startTimeUtc ?? "").slice(0, 16)}
          onChange={(event) => change({ startTimeUtc: event.target.value ? `${event.target.value}:00Z` : undefined })}
        />
      </Field>
    </Section>
  );
}

function Alerts({ properties, change }: Part) {
  const aggregationKind = properties.eventGroupingSettings?.aggregationKind ?? "SingleAlert";
  const suppression = properties.suppressionEnabled ? shortDuration(properties.suppressionDuration) : "off";
  const how = aggregationKind === "SingleAlert" ? "one for all results" : "one for each result";
  return (
    <Section title="Alerts" summary={`${how} · suppress ${suppression}`}>
      <Field label="Alerts of a run">
        <Select
          value={aggregationKind}
          set={(kind) => change({ eventGroupingSettings: { aggregationKind: kind } })}
          options={[
            ["SingleAlert", "one for all results"],
            ["AlertPerResult", "one for each result (at most 150)"],
          ]}
        />
      </Field>
      <Check
        label="Rest after an alert (suppression)"
        value={properties.suppressionEnabled ?? false}
        set={(suppressionEnabled) => change({ suppressionEnabled })}
      />
      {properties.suppressionEnabled && (
        <Field label="Rest for" place="suppressionDuration">
          <Duration
            value={properties.suppressionDuration}
            set={(suppressionDuration) => change({ suppressionDuration })}
          />
        </Field>
      )}
    </Section>
  );
}

function Tactics({ properties, change }: Part) {
  const techniques = [...(properties.techniques ?? []), ...(properties.subTechniques ?? [])];
  const summary = [...(properties.tactics ?? []), ...techniques].join(" ") || "none";
  return (
    <Section title="MITRE ATT&CK" summary={summary}>
      <Choices
        label="Tactics"
        values={properties.tactics ?? []}
        options={TACTICS}
        set={(tactics) => change({ tactics })}
      />
      <Field label="Techniques, such as T1110, T1110.003">
        <TechniqueText
          value={techniques}
          set={(values) =>
            change({
              techniques: [...new Set(values.map((each) => each.split(".")[0]!))],
              subTechniques: values.filter((each) => each.includes(".")),
            })
          }
        />
      </Field>
    </Section>
  );
}

function TechniqueText({ value, set }: { value: readonly string[]; set: (values: string[]) => void }) {
  return (
    <input
      key={value.join()}
      defaultValue={value.join(", ")}
      onBlur={(event) => {
        const values = [...event.target.value.toUpperCase().matchAll(/T\d{4}(\.\d{3})?/g)].map((found) => found[0]);
        if (values.join() !== value.join()) set(values);
      }}
    />
  );
}
