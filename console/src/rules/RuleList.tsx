// The list of rules: what each is, how it fared, how it stands to its template; with a selection that is acted upon.
import { useQueryClient } from "@tanstack/react-query";
import { lazy, Suspense, useMemo, useState } from "react";
import { useActions, useScope } from "~/keys/useKeys";
import { Gated, useMay } from "~/parts/gated";
import { Grid, type GridColumn } from "~/parts/Grid";
import { Picker } from "~/parts/picker";
import { Empty, Failed, Loading } from "~/parts/states";
import { failed } from "~/parts/toast";
import { changeParameters, useGo } from "~/shell/address";
import { usePlace } from "~/shell/place";
import { RuleChanges } from "./changes";
import { CLEARED, FilterBar, useFilters } from "./FilterBar";
import { filtered, type Row } from "./filters";
import { drafted, readDraft } from "./editor/drafts";
import { RULE_LIST } from "./keys";
import { DELETE, isQueryKind, WRITE, type Rule } from "./model";
import { RuleCell } from "./RuleCell";
import { useRules, useTemplates } from "./useRules";

const ImportDialog = lazy(() => import("./ImportDialog"));
const ExportDialog = lazy(() => import("./ExportDialog"));

const COLUMNS: readonly GridColumn[] = [
  { key: "on", title: "On", width: 78 },
  { key: "name", title: "Name", width: 330 },
  { key: "severity", title: "Severity", width: 92 },
  { key: "kind", title: "Kind", width: 92 },
  { key: "schedule", title: "Every / over", width: 104 },
  { key: "last", title: "Last run", width: 178 },
  { key: "fires", title: "Fires, 14 d", width: 104 },
  { key: "tests", title: "Tests", width: 74 },
  { key: "drift", title: "Template", width: 116 },
  { key: "tactics", title: "Tactics", width: 260 },
];

type Open = "import" | "export" | "template" | undefined;

export function RuleList() {
  const place = usePlace();
  const go = useGo();
  const client = useQueryClient();
  const filters = useFilters();
  const { rules, activity, rows } = useRules();
  const [atName, setAtName] = useState("");
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [open, setOpen] = useState<Open>();
  const may = useMay();
  const changes = useMemo(() => new RuleChanges(place, client), [place, client]);
  const shown = useMemo(() => filtered(rows ?? [], filters), [rows, filters]);
  const kinds = useMemo(() => [...new Set((rows ?? []).map(({ rule }) => rule.kind ?? ""))].sort(), [rows]);
  const at = Math.max(shown.length > 0 ? 0 : -1, shown.findIndex(({ rule }) => rule.name === atName)); // prettier-ignore
  const setAt = (index: number): void => setAtName(shown[index]?.rule.name ?? "");
  const targets = shown.filter(({ rule }) => chosen.has(rule.name));
  const acted = (targets.length > 0 ? targets : shown.slice(Math.max(0, at), at + 1)).map(({ rule }) => rule);

  const toggle = (row: Row | undefined): void => {
    if (!row) return;
    setChosen((before) => {
      const after = new Set(before);
      if (!after.delete(row.rule.name)) after.add(row.rule.name);
      return after;
    });
  };
  const step = (by: number): void => setAt(Math.max(0, Math.min(shown.length - 1, at + by)));
  const chooseAnd = (by: number): void => {
    const row = shown[at];
    if (row && !chosen.has(row.rule.name)) toggle(row);
    const next = shown[at + by];
    if (next && !chosen.has(next.rule.name)) toggle(next);
    step(by);
  };
  const enable = (): void => {
    if (!may(WRITE)) return failed("Rules stay as they are.", new Error(`Your roles here do not have ${WRITE}.`));
    void changes.enable(
      acted,
      acted.some(({ properties }) => !properties.enabled),
    );
  };
  const remove = (): void => {
    if (!may(DELETE)) return failed("Rules stay as they are.", new Error(`Your roles here do not have ${DELETE}.`));
    void changes.remove(acted).then(() => setChosen(new Set()));
  };
  useScope(RULE_LIST);
  useActions({
    "rules.next": () => step(1),
    "rules.previous": () => step(-1),
    "rules.open": () => openRule(shown[at]),
    "rules.choose": () => toggle(shown[at]),
    "rules.chooseNext": () => chooseAnd(1),
    "rules.choosePrevious": () => chooseAnd(-1),
    "rules.chooseAll": () =>
      setChosen(targets.length === shown.length ? new Set() : new Set(shown.map(({ rule }) => rule.name))),
    "rules.new": () => go("rules/new"),
    "rules.fromTemplate": () => setOpen("template"),
    "rules.enable": enable,
    "rules.delete": remove,
    "rules.import": () => setOpen("import"),
    "rules.export": () => setOpen("export"),
    "page.loadNew": () => void Promise.all([rules.refetch(), activity.refetch()]),
  });
  const openRule = (row: Row | undefined): void => {
    if (row) go(`rules/${encodeURIComponent(row.rule.name)}`);
  };
  return (
    <div className="rules">
      <div className="row">
        <h1>Rules</h1>
        <span className="faint">
          {rows && `${shown.length} of ${rows.length}, ${rows.filter(({ rule }) => rule.properties.enabled).length} on`}
          {targets.length > 0 && `, ${targets.length} selected`}
        </span>
        <span className="grow" />
        <Gated action={WRITE} className="primary" onClick={() => go("rules/new")}>
          New <kbd>n</kbd>
        </Gated>
        <Gated action={WRITE} onClick={() => setOpen("template")}>
          From a template
        </Gated>
        <Gated action={WRITE} onClick={enable} disabled={acted.length === 0}>
          On or off <kbd>e</kbd>
        </Gated>
        <Gated action={DELETE} onClick={remove} disabled={acted.length === 0}>
          Delete
        </Gated>
        <Gated action={WRITE} onClick={() => setOpen("import")}>
          Import <kbd>i</kbd>
        </Gated>
        <button type="button" onClick={() => setOpen("export")} disabled={shown.length === 0}>
          Export <kbd>o</kbd>
        </button>
      </div>
      <FilterBar filters={filters} kinds={kinds} />
      {rules.data && <NewDrafts known={rules.data} />}
      {rules.isPending && <Loading what="rules" />}
      {rules.isError && <Failed error={rules.error} again={() => void rules.refetch()} />}
      {activity.isError && <Failed error={activity.error} again={() => void activity.refetch()} />}
      {rows?.length === 0 && (
        <Empty
          what="No rule yet. n makes one, i imports some, or apply a folder of them:"
          how="vedette content apply rules/"
        />
      )}
      {rows && rows.length > 0 && shown.length === 0 && (
        <Empty what="No rule passes these filters.">
          <button type="button" onClick={() => changeParameters(CLEARED)}>
            Clear the filters
          </button>
        </Empty>
      )}
      {shown.length > 0 && (
        <div className="rule-grid">
          <Grid
            label="Rules"
            columns={COLUMNS}
            count={shown.length}
            rowKey={(row) => shown[row]?.rule.name ?? String(row)}
            at={at}
            setAt={setAt}
            open={(row) => openRule(shown[row])}
            isChosen={(row) => chosen.has(shown[row]?.rule.name ?? "")}
            cell={(row, column) => <RuleCell row={shown[row]} column={COLUMNS[column]?.key ?? ""} chosen={chosen} />}
          />
        </div>
      )}
      <Suspense fallback={null}>
        {open === "import" && (
          <ImportDialog existing={rules.data ?? []} changes={changes} close={() => setOpen(undefined)} />
        )}
        {open === "export" && (
          <ExportDialog
            rules={targets.length > 0 ? acted : shown.map(({ rule }) => rule)}
            close={() => setOpen(undefined)}
          />
        )}
      </Suspense>
      {open === "template" && <TemplatePicker close={() => setOpen(undefined)} />}
    </div>
  );
}

/** Rules that were begun in this browser and never saved. */
function NewDrafts({ known }: { known: readonly Rule[] }) {
  const go = useGo();
  const { workspace } = usePlace();
  const names = new Set(known.map(({ name }) => name.toLowerCase()));
  const begun = [...drafted(workspace.id)].filter((name) => !names.has(name));
  if (begun.length === 0) return null;
  return (
    <p className="row new-drafts">
      <span className="warn">Begun, not saved:</span>
      {begun.map((name) => (
        <button
          key={name}
          type="button"
          className="link"
          onClick={() => go(`rules/new?id=${encodeURIComponent(name)}`)}
        >
          {readDraft(workspace.id, name)?.body.properties.displayName || "New rule"}
        </button>
      ))}
    </p>
  );
}

function TemplatePicker({ close }: { close: () => void }) {
  const go = useGo();
  const templates = useTemplates();
  const found = templates.data ?? [];
  const choices = found.map(({ name, kind, properties }) => ({
    key: name,
    group: kind,
    label: properties.displayName,
    hint: [properties.severity, properties.tactics?.join(", "), isQueryKind(kind) ? "" : "fixed query"]
      .filter(Boolean)
      .join(" · "),
  }));
  return (
    <Picker
      title="Template of the new rule"
      choices={choices}
      choose={(choice) => go(`rules/new?template=${encodeURIComponent(choice.key)}`)}
      close={close}
    />
  );
}
