// The automation rules in their order, each as a sentence.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { lazy, Suspense, useEffect, useMemo, useRef, useState } from "react";
import { askRows } from "~/api/kql";
import { useActions, useScope } from "~/keys/useKeys";
import { Facts, Raw } from "~/parts/facts";
import { Gated, useGuard } from "~/parts/gated";
import { useList, type ListColumn } from "~/parts/list";
import { ListDetail } from "~/parts/ListDetail";
import { Instant } from "~/parts/time";
import { usePlace } from "~/shell/place";
import { AutomationChanges } from "./changes";
import { AUTOMATION_RULES } from "./keys";
import { moved } from "./reorder";
import { DELETE, PROVIDER, WRITE, type AutomationRule } from "./rule";
import { sentence } from "./sentence";

const RuleForm = lazy(() => import("./RuleForm"));
const DryRun = lazy(() => import("./DryRun"));

const SETTLES = 600; // milliseconds after the last move before the orders are written
const RUNS = `SentinelHealth
| where TimeGenerated > ago(14d) and OperationName == "Automation rule run"
| summarize arg_max(TimeGenerated, Status, Description), Runs = count(), Failures = countif(Status != "Success")
    by Rule = tolower(tostring(split(SentinelResourceId, "/")[-1]))`;

interface Runs {
  readonly last: string;
  readonly status: string;
  readonly description: string;
  readonly runs: number;
  readonly failures: number;
}

export function RuleList() {
  const place = usePlace();
  const client = useQueryClient();
  const guard = useGuard();
  const [open, setOpen] = useState<"new" | "edit" | "dry">();
  const [orders, setOrders] = useState<ReadonlyMap<string, number>>(new Map());
  const changes = useMemo(() => new AutomationChanges(place, client), [place, client]);
  const asked = useQuery({
    queryKey: changes.key,
    queryFn: ({ signal }) => place.arm.list<AutomationRule>(`${place.sentinel}/automationRules`, PROVIDER, {}, signal),
  });
  const runs = useQuery({
    queryKey: ["automationRuns", place.workspace.id],
    staleTime: 30_000,
    queryFn: async ({ signal }) =>
      new Map(
        (await askRows(place, { query: RUNS, signal })).map((row): [string, Runs] => [
          String(row["Rule"]),
          {
            last: String(row["TimeGenerated"]),
            status: String(row["Status"]),
            description: String(row["Description"] ?? ""),
            runs: Number(row["Runs"]),
            failures: Number(row["Failures"]),
          },
        ]),
      ),
  });
  const items = useMemo(
    () => asked.data && [...asked.data].sort((a, b) => orderOf(a, orders) - orderOf(b, orders)),
    [asked.data, orders],
  );
  const columns = useMemo(() => columnsOf(orders, runs.data), [orders, runs.data]);
  const list = useList({
    items,
    columns,
    keyOf: ({ name }) => name,
    textOf: ({ properties }) => `${properties.displayName} ${sentence(properties)}`,
  });
  const { acted, current, at, shown } = list;
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const isWhole = list.search === "" && list.sort === "";
  const move = (from: number, to: number): void => {
    if (!items || !isWhole || to < 0 || to >= items.length || from === to) return;
    guard(WRITE, () => {
      const now = items.map((rule) => ({ name: rule.name, order: orderOf(rule, orders) }));
      const next = new Map(moved(now, from, to).map(({ name, order }) => [name, order]));
      setOrders(next);
      list.setAt(from); // what is there moves; the rule stays the one that has the focus
      clearTimeout(timer.current);
      timer.current = setTimeout(() => {
        void changes.reorder(asked.data ?? [], next).then(() => setOrders(new Map()));
      }, SETTLES);
    });
  };
  const enable = (): void =>
    guard(WRITE, () => void changes.enable(acted, acted.some(({ properties }) => !properties.triggeringLogic.isEnabled))); // prettier-ignore
  const remove = (): void => guard(DELETE, () => void changes.remove(acted).then(list.clear));
  useScope(AUTOMATION_RULES);
  useActions({
    "automation.new": () => guard(WRITE, () => setOpen("new")),
    "automation.enable": enable,
    "automation.up": () => move(at, at - 1),
    "automation.down": () => move(at, at + 1),
    "automation.dryRun": () => current && setOpen("dry"),
    "automation.delete": remove,
  });
  const edit = (): void => guard(WRITE, () => setOpen("edit"));
  const last = Math.max(0, ...(asked.data ?? []).map(({ properties }) => properties.order));
  return (
    <>
      <ListDetail
        title="Automation rules"
        heading={false}
        list={list}
        asked={asked}
        open={edit}
        {...(isWhole ? { move } : {})}
        call={`${place.sentinel}/automationRules?api-version=2024-01-01-preview`}
        empty={{
          what: "No automation rule yet. n makes one; a folder of content can bring some:",
          how: "vedette content apply automation/",
        }}
        buttons={
          <>
            <Gated action={WRITE} className="primary" onClick={() => setOpen("new")}>
              New <kbd>n</kbd>
            </Gated>
            <Gated action={WRITE} disabled={!current} onClick={edit}>
              Edit <kbd>Enter</kbd>
            </Gated>
            <Gated action={WRITE} disabled={!current} onClick={enable}>
              On or off <kbd>e</kbd>
            </Gated>
            <Gated action={WRITE} disabled={!isWhole || at < 1} aria-label="Move up" onClick={() => move(at, at - 1)}>
              ▲
            </Gated>
            <Gated
              action={WRITE}
              disabled={!isWhole || at < 0 || at >= shown.length - 1}
              aria-label="Move down"
              onClick={() => move(at, at + 1)}
            >
              ▼
            </Gated>
            <button type="button" disabled={!current} onClick={() => setOpen("dry")}>
              Dry run <kbd>t</kbd>
            </button>
            <Gated action={DELETE} disabled={!current} onClick={remove}>
              Delete
            </Gated>
          </>
        }
        detail={(rule) => <Detail rule={rule} runs={runs.data?.get(rule.name.toLowerCase())} />}
      />
      <Suspense fallback={null}>
        {open === "new" && (
          <RuleForm changes={changes} order={Math.min(1000, last + 1)} close={() => setOpen(undefined)} />
        )}
        {open === "edit" && current && (
          <RuleForm
            changes={changes}
            rule={current}
            order={current.properties.order}
            close={() => setOpen(undefined)}
          />
        )}
        {open === "dry" && current && <DryRun rule={current} close={() => setOpen(undefined)} />}
      </Suspense>
    </>
  );
}

function orderOf(rule: AutomationRule, orders: ReadonlyMap<string, number>): number {
  return orders.get(rule.name) ?? rule.properties.order;
}

function columnsOf(
  orders: ReadonlyMap<string, number>,
  runs: ReadonlyMap<string, Runs> | undefined,
): readonly ListColumn<AutomationRule>[] {
  return [
    { key: "order", title: "Order", width: 62, align: "right", cell: (rule) => orderOf(rule, orders) },
    {
      key: "on",
      title: "On",
      width: 60,
      cell: ({ properties }) =>
        properties.triggeringLogic.isEnabled ? (
          <span className="good">● on</span>
        ) : (
          <span className="faint">○ off</span>
        ),
    },
    { key: "name", title: "Name", width: 190, cell: ({ properties }) => properties.displayName },
    { key: "does", title: "What it does", width: 520, cell: ({ properties }) => sentence(properties) },
    {
      key: "last",
      title: "Last run",
      width: 180,
      cell: ({ name }) => {
        const known = runs?.get(name.toLowerCase());
        if (!known) return <span className="faint">–</span>;
        return (
          <>
            <span className={known.status === "Success" ? "good" : "bad"}>
              {known.status === "Success" ? "✓" : "✗"}
            </span>{" "}
            <Instant value={known.last} />
          </>
        );
      },
    },
  ];
}

function Detail({ rule, runs }: { rule: AutomationRule; runs: Runs | undefined }) {
  const { properties } = rule;
  const { triggeringLogic } = properties;
  return (
    <>
      <h2>{properties.displayName}</h2>
      <p>{sentence(properties)}</p>
      <Facts
        of={[
          ["Order", String(properties.order)],
          ["State", triggeringLogic.isEnabled ? "on" : "off"],
          ["Expires", triggeringLogic.expirationTimeUtc && <Instant value={triggeringLogic.expirationTimeUtc} />],
          ["Runs, 14 d", runs ? `${runs.runs}, ${runs.failures} failed` : "none"],
          ["Last run", runs && <Instant value={runs.last} />],
          ["It said", runs?.description],
          ["Changed", <Instant key="changed" value={properties.lastModifiedTimeUtc} />],
          ["By", properties.lastModifiedBy?.name ?? properties.lastModifiedBy?.email],
        ]}
      />
      <p className="faint">
        Rules run from the lowest order up; each sees what those before it left. Shift+↑ and Shift+↓ move this one, or
        drag it.
      </p>
      <Raw value={rule} />
    </>
  );
}
