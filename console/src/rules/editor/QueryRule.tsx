// A rule that is a query, on one page: its text, its settings, and below what it finds, found, and is tested by.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";
import { useActions, useScope } from "~/keys/useKeys";
import { useMay } from "~/parts/gated";
import { Tabs } from "~/parts/tabs";
import { KqlEditor, type Checked } from "~/query/editor";
import { changeParameters, useGo, useParameter } from "~/shell/address";
import { usePlace } from "~/shell/place";
import { changesOf, runsOf } from "../activity";
import { problemsOf } from "../checks";
import { RULE_EDITOR } from "../keys";
import { isAutoDisabled, WRITE, type Rule, type RuleBody } from "../model";
import { AutoDisabled } from "./AutoDisabled";
import { BacktestPanel } from "./BacktestPanel";
import { backtestText } from "./backtest_bins";
import type { Saved } from "./drafts";
import { windowOf } from "./explanation";
import { FormContext } from "./fields";
import { Header } from "./Header";
import { PreviewPanel, previewText } from "./PreviewPanel";
import { RunsPanel } from "./RunsPanel";
import { SaveDialog } from "./SaveDialog";
import { Settings } from "./Settings";
import { useBacktest, usePreview } from "./useEvaluations";
import { testsText, TestsPanel } from "./TestsPanel";
import { useRuleDraft } from "./useRuleDraft";
import { useRuleTests } from "./useRuleTests";
import { useSwitch } from "./useSwitch";

interface Props {
  readonly name: string;
  /** Undefined while it is new. */
  readonly rule: Rule | undefined;
  readonly start: RuleBody | Saved;
}

export function QueryRule({ name, rule, start }: Props) {
  const place = usePlace();
  const go = useGo();
  const client = useQueryClient();
  const draft = useRuleDraft(name, start);
  const { body } = draft;
  const [checked, setChecked] = useState<Checked>();
  const [panel, setPanel] = useParameter("panel", "preview");
  const [window, setWindow] = useParameter("window");
  const [isSaving, setSaving] = useState(false);
  const isReadOnly = !useMay()(WRITE);
  const columns = useMemo(() => (checked?.valid ? checked.columns?.map((each) => each.name) : undefined), [checked]);
  const problems = useMemo(() => problemsOf(body, columns), [body, columns]);
  const preview = usePreview(body);
  const backtest = useBacktest(body, draft.base);
  const toggle = useSwitch(name, draft);
  const tests = useRuleTests(name, rule, draft);
  const runs = useQuery({
    queryKey: ["ruleRuns", place.workspace.id, name],
    queryFn: ({ signal }) => runsOf(place, rule!.id, signal),
    enabled: rule !== undefined,
    staleTime: 10_000,
  });
  const changes = useQuery({
    queryKey: ["ruleChanges", place.workspace.id, name, rule?.etag],
    queryFn: ({ signal }) => changesOf(place, rule!.id, signal),
    enabled: rule !== undefined,
    staleTime: 10_000,
  });
  useEffect(() => {
    document.title = `${body.properties.displayName || "New rule"} – Vedette`;
    return () => {
      document.title = "Vedette";
    };
  }, [body.properties.displayName]);

  const show = (which: string, run: () => unknown): void => {
    setPanel(which);
    run();
  };
  useScope(RULE_EDITOR);
  useActions({
    "rule.preview": () => show("preview", preview.run),
    "rule.backtest": () => show("backtest", backtest.run),
    "rule.tests": () => show("tests", () => isReadOnly || !tests.text.trim() || tests.run()),
    "rule.save": () => setSaving(true),
    "rule.diff": () => setSaving(true),
    "rule.enable": toggle,
    "rule.runs": () => setPanel("runs"),
    "rule.close": () => go("rules"),
  });
  const sample = useMemo(() => sampleOf(preview.found?.told && windowOf(preview.found.told)), [preview.found]);
  const form = useMemo(() => ({ problems, columns, isReadOnly }), [problems, columns, isReadOnly]);
  const wrong = runs.data?.filter(({ status }) => status === "Failure").length ?? 0;
  return (
    <FormContext value={form}>
      <div className="rule-editor">
        <Header
          name={name}
          draft={draft}
          problems={problems}
          changes={changes.data}
          toggle={toggle}
          save={() => setSaving(true)}
        />
        {rule && isAutoDisabled(rule) && <AutoDisabled rule={rule} toggle={toggle} />}
        <div className="rule-text">
          <KqlEditor
            whole
            confined
            label="Query of the rule"
            document={name}
            readOnly={isReadOnly}
            value={body.properties.query ?? ""}
            onChange={(query) => draft.change({ query })}
            onRun={() => show("preview", preview.run)}
            onChecked={setChecked}
          />
        </div>
        <Settings
          body={body}
          change={draft.change}
          changeKind={rule ? undefined : (kind) => draft.replace({ ...body, kind }, draft.base)}
          sample={sample}
          ruleId={rule?.id}
        />
        <div className="rule-panel">
          <Tabs
            label="What the rule does"
            chosen={panel}
            choose={setPanel}
            tabs={[
              { key: "preview", label: `Preview${preview.found ? ` ${previewText(preview.found)}` : ""}` },
              {
                key: "backtest",
                label: backtest.result
                  ? `Backtest ${backtestText(backtest.result.days, backtest.result.now, backtest.result.saved)}`
                  : "Backtest",
              },
              {
                key: "tests",
                label: `Tests${tests.result ? ` ${testsText(tests.result)}` : ""}${tests.isChanged ? " •" : ""}`,
              },
              ...(rule ? [{ key: "runs", label: `Runs${wrong ? ` ✗${wrong}` : ""}` }] : []),
            ]}
          >
            {panel === "backtest" && (
              <BacktestPanel
                {...backtest}
                window={window}
                setWindow={(end) => changeParameters({ window: end })}
                previewAt={(end) => show("preview", () => preview.runAt(end))}
              />
            )}
            {panel === "tests" && <TestsPanel tests={tests} />}
            {panel === "runs" && rule && (
              <RunsPanel
                rule={rule}
                runs={runs.data}
                changes={changes.data}
                error={runs.error ?? changes.error}
                window={window}
                setWindow={setWindow}
              />
            )}
            {panel === "preview" && (
              <PreviewPanel
                body={body}
                preview={preview.found}
                isBusy={preview.isBusy}
                error={preview.error}
                end={preview.end}
                setEnd={preview.setEnd}
                run={preview.run}
                make={isReadOnly ? undefined : (found) => show("tests", () => tests.make(found))}
              />
            )}
          </Tabs>
        </div>
        {isSaving && (
          <SaveDialog
            name={name}
            draft={draft}
            problems={problems}
            close={() => setSaving(false)}
            saved={(stored) => {
              void client.invalidateQueries({ queryKey: ["ruleChanges", place.workspace.id, name] });
              if (!rule) go(`rules/${encodeURIComponent(stored.name)}${shownStill()}`, { replace: true });
            }}
          />
        )}
      </div>
    </FormContext>
  );
}

/** What the address says of a new rule's page that goes for the saved one too. */
function shownStill(): string {
  const kept = new URLSearchParams(location.search);
  for (const name of ["id", "template"]) kept.delete(name);
  return kept.size > 0 ? `?${kept}` : "";
}

/** The first row of a window by column, for what is shown as it would be filled in. */
function sampleOf(found: ReturnType<typeof windowOf>): Readonly<Record<string, unknown>> | undefined {
  const row = found?.rows[0];
  if (!found || !row) return undefined;
  return Object.fromEntries(found.columns.map((column, at) => [column, row[at]]));
}
