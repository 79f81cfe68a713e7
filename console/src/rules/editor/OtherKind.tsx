// Rules that are no query of one's own: what their template says, and the few things that may be set.
import { useState } from "react";
import { useActions, useScope } from "~/keys/useKeys";
import { useMay } from "~/parts/gated";
import { useGo } from "~/shell/address";
import { useQueryClient } from "@tanstack/react-query";
import { usePlace } from "~/shell/place";
import { useQuery } from "@tanstack/react-query";
import { Tabs } from "~/parts/tabs";
import { changesOf, runsOf } from "../activity";
import { RULE_EDITOR } from "../keys";
import { SEVERITIES, WRITE, type Rule, type RuleProperties } from "../model";
import { Check, Choices, Field, FormContext, Text, useForm } from "./fields";
import { Header } from "./Header";
import { savedOf } from "./saved";
import { RunsPanel } from "./RunsPanel";
import { SaveDialog } from "./SaveDialog";
import { useRuleDraft } from "./useRuleDraft";
import { useSwitch } from "./useSwitch";

export function OtherKind({ rule, isNew = false }: { rule: Rule; isNew?: boolean }) {
  const { workspace, send } = usePlace();
  const go = useGo();
  const client = useQueryClient();
  const draft = useRuleDraft(rule.name, isNew ? { kind: rule.kind ?? "", properties: rule.properties } : savedOf(rule));
  const toggle = useSwitch(rule.name, draft);
  const [isSaving, setSaving] = useState(false);
  const [window, setWindow] = useState("");
  const isReadOnly = !useMay()(WRITE);
  const runs = useQuery({
    queryKey: ["ruleRuns", workspace.id, rule.name],
    queryFn: ({ signal }) => runsOf({ workspace, send }, rule.id, signal),
    enabled: !isNew,
  });
  const changes = useQuery({
    queryKey: ["ruleChanges", workspace.id, rule.name, rule.etag],
    queryFn: ({ signal }) => changesOf({ workspace, send }, rule.id, signal),
    enabled: !isNew,
  });
  useScope(RULE_EDITOR);
  useActions({
    "rule.save": () => setSaving(true),
    "rule.diff": () => setSaving(true),
    "rule.enable": toggle,
    "rule.close": () => go("rules"),
  });
  return (
    <FormContext value={{ problems: [], columns: undefined, isReadOnly }}>
      <div className="other-rule">
        <Header
          name={rule.name}
          draft={draft}
          problems={[]}
          changes={changes.data}
          toggle={toggle}
          save={() => setSaving(true)}
        />
        <p>{draft.body.properties.description}</p>
        <p className="faint">
          {WHAT[draft.body.kind] ?? `A rule of kind ${draft.body.kind}. Its template says all but whether it is on.`}
        </p>
        <div className="fields">
          <Settings kind={draft.body.kind} properties={draft.body.properties} change={draft.change} />
        </div>
        <details className="section">
          <summary>As JSON</summary>
          {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls */}
          <pre className="scrolls" tabIndex={0} role="region" aria-label="The rule as JSON">
            {JSON.stringify(draft.body, undefined, 2)}
          </pre>
        </details>
        {!isNew && (
          <Tabs
            label="What the rule did"
            tabs={[{ key: "runs", label: "Runs" }]}
            chosen="runs"
            choose={() => undefined}
          >
            <RunsPanel
              rule={rule}
              runs={runs.data}
              changes={changes.data}
              error={runs.error ?? changes.error}
              window={window}
              setWindow={setWindow}
            />
          </Tabs>
        )}
        {isSaving && (
          <SaveDialog
            name={rule.name}
            draft={draft}
            problems={[]}
            close={() => setSaving(false)}
            saved={(stored) => {
              void client.invalidateQueries({ queryKey: ["ruleChanges", workspace.id, rule.name] });
              if (isNew) go(`rules/${encodeURIComponent(stored.name)}`, { replace: true });
            }}
          />
        )}
      </div>
    </FormContext>
  );
}

const WHAT: Readonly<Record<string, string>> = {
  MicrosoftSecurityIncidentCreation: "It makes an incident of each alert of one product that passes these filters.",
  Fusion: "It looks for chains of alerts of several stages that share an entity. There is one in a workspace.",
  MLBehaviorAnalytics: "It holds the last hour against the two weeks before it, by the model of its template.",
  ThreatIntelligence: "It matches the workspace's indicators with what arrives.",
};

interface Part {
  readonly kind: string;
  readonly properties: RuleProperties;
  readonly change: (patch: Partial<RuleProperties>) => void;
}

function Settings(props: Part) {
  switch (props.kind) {
    case "MicrosoftSecurityIncidentCreation":
      return <Products {...props} />;
    case "Fusion":
      return <Sources {...props} />;
    case "MLBehaviorAnalytics":
      return <Anomalies {...props} />;
    default:
      return null;
  }
}

function Products({ properties, change }: Part) {
  return (
    <>
      <Field label="Name">
        <Text value={properties.displayName} set={(displayName) => change({ displayName })} />
      </Field>
      <Field label="Description">
        <Text rows={2} value={properties.description ?? ""} set={(description) => change({ description })} />
      </Field>
      <Field label="Product">
        <Text value={properties.productFilter ?? ""} set={(productFilter) => change({ productFilter })} />
      </Field>
      <Choices
        label="Severities (none chosen: all)"
        values={properties.severitiesFilter ?? []}
        options={SEVERITIES}
        set={(severitiesFilter) => change({ severitiesFilter })}
      />
      <Field label="Only alerts whose name has one of (a line each)">
        <Lines values={properties.displayNamesFilter} set={(displayNamesFilter) => change({ displayNamesFilter })} />
      </Field>
      <Field label="No alerts whose name has one of (a line each)">
        <Lines
          values={properties.displayNamesExcludeFilter}
          set={(displayNamesExcludeFilter) => change({ displayNamesExcludeFilter })}
        />
      </Field>
    </>
  );
}

function Lines({ values, set }: { values: readonly string[] | undefined; set: (values: string[]) => void }) {
  return <Text rows={2} value={(values ?? []).join("\n")} set={(text) => set(text === "" ? [] : text.split("\n"))} />;
}

interface Source {
  readonly enabled: boolean;
  readonly sourceName: string;
}

function Sources({ properties, change }: Part) {
  const sources = (properties["sourceSettings"] ?? []) as readonly Source[];
  if (sources.length === 0) return <p className="faint">It looks at the alerts of all sources.</p>;
  return (
    <Choices
      label="Sources of alerts"
      options={sources.map(({ sourceName }) => sourceName)}
      values={sources.filter(({ enabled }) => enabled).map(({ sourceName }) => sourceName)}
      set={(names) =>
        change({ sourceSettings: sources.map((each) => ({ ...each, enabled: names.includes(each.sourceName) })) })
      }
    />
  );
}

function Anomalies({ properties, change }: Part) {
  const { isReadOnly } = useForm();
  const settings = (properties["anomalySettings"] ?? {}) as { threshold?: number; minimumHistory?: number };
  const set = (patch: Partial<typeof settings>): void => {
    const entries = Object.entries({ ...settings, ...patch }).filter(([, value]) => Number.isFinite(value));
    change({ anomalySettings: entries.length > 0 ? Object.fromEntries(entries) : undefined });
  };
  return (
    <>
      {(["threshold", "minimumHistory"] as const).map((name) => (
        <Field
          key={name}
          label={name === "threshold" ? "Threshold (empty: the model's)" : "History at least (empty: the model's)"}
        >
          <input
            type="number"
            min={0}
            readOnly={isReadOnly}
            value={settings[name] ?? ""}
            onChange={(event) => set({ [name]: event.target.valueAsNumber })}
          />
        </Field>
      ))}
      <Check label="Enabled" value={properties.enabled} set={(enabled) => change({ enabled })} />
    </>
  );
}
