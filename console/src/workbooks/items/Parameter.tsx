// One parameter: it finds what it may have, offers what it has to the scope, and shows its control.
import { useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";
import { ApiError, messageOf } from "~/api/errors";
import { useCells, useItemPlace, useShown } from "../context";
import { unservedSource } from "../data/resolve";
import { useTable } from "../data/useTable";
import { chosenValue, rawFrom, severalValue, timeValue, type Raw } from "../model/choose";
import { criteriaResult } from "../model/criteria";
import { parameterNames } from "../model/dependencies";
import { textOf } from "../model/json";
import { choicesOfJson, choicesOfRows, type ParameterChoice, type ParameterDefinition } from "../model/parameters";
import type { QuerySpec } from "../model/query";
import { choiceNow } from "../model/scope";
import { lastOfId, substitute } from "../model/substitute";
import { plain, type ParameterValue } from "../model/values";
import { NotRendered } from "../NotRendered";
import { Control } from "./Control";

interface Props {
  readonly definition: ParameterDefinition;
  readonly isVisible: boolean;
  readonly isCircular: boolean;
}

export function Parameter({ definition, isVisible, isCircular }: Props) {
  const { scope } = useItemPlace();
  const shown = useShown();
  const where = definition.isGlobal ? scope.root : scope;
  const [choice, setChoice] = useState<{ raw: Raw; at: number } | undefined>(() => {
    const kept = rawFrom(shown.chosen(definition.key));
    return kept === undefined ? undefined : { raw: kept, at: choiceNow() };
  });
  const names = useMemo(() => parameterNames(definition), [definition]);
  const cells = useCells(scope, names);
  const known = useChoices(definition);
  const saved = useMemo(() => {
    const text = (value: string): string =>
      cells === "" ? value : substitute(value, { valueOf: scope.valueOf, into: "query", now: shown.now });
    const raw = rawFrom(definition.saved);
    return typeof raw === "string" ? text(raw) : raw;
  }, [definition, scope, shown.now, cells]);
  const raw = choice ? choice.raw : saved;
  const waits = !isCircular && names.some((name) => scope.cell(name)?.pending === true);
  const isPending = waits || known.state === "loading";
  const value = useMemo(() => {
    if (isPending) return undefined;
    return valueOf(definition, raw, known.choices, (name) => (cells === "" ? "" : (scope.valueOf(name)?.value ?? "")));
  }, [definition, raw, known.choices, isPending, scope, cells]);
  useEffect(() => {
    where.offer(definition.name, definition.key, {
      value,
      pending: isPending,
      visible: isVisible,
      isRequired: definition.isRequired,
      at: choice?.at ?? 0,
    });
  }, [where, definition, value, isPending, isVisible, choice]);
  useEffect(() => () => where.withdraw(definition.name, definition.key), [where, definition]);
  if (!isVisible || definition.isHidden || definition.kind === "criteria") return null;
  const unserved = definition.query && unservedSource(definition.query);
  if (unserved) return <NotRendered what={`the parameter ${definition.name}, of ${unserved}`} raw={definition.raw} />;
  const choose = (next: Raw): void => {
    setChoice({ raw: next, at: choiceNow() });
    shown.keep(definition.key, next);
  };
  return (
    <Control
      definition={definition}
      value={value}
      raw={raw}
      choices={known.choices}
      isLoading={isPending}
      problem={isCircular ? "It reads itself, by way of others." : known.problem}
      choose={choose}
    />
  );
}

function valueOf(
  definition: ParameterDefinition,
  raw: Raw,
  choices: readonly ParameterChoice[],
  read: (name: string) => string,
): ParameterValue | undefined {
  switch (definition.kind) {
    case "time":
      return timeValue(definition, raw);
    case "criteria":
      return plain(criteriaResult(definition.criteria, read));
    case "several":
      return severalValue(definition, raw);
    case "text": {
      // A text that comes of a query is the first cell of its answer.
      const queried = definition.query ? choices[0]?.value : undefined;
      return plain(queried ?? (typeof raw === "string" ? raw : ""));
    }
    default:
      return chosenValue(definition, choices, raw);
  }
}

interface Known {
  readonly state: "loading" | "known";
  readonly choices: readonly ParameterChoice[];
  readonly problem?: string;
}

const NOTHING: QuerySpec = {
  text: "",
  source: 0,
  resourceType: "",
  resources: [],
  range: undefined,
  rangeFrom: "",
};

/** What stands for the query of a picker that has none of its own. */
const OWN_QUERIES: Readonly<Record<string, string>> = {
  resource: "resources | project value = id, label = name, group = type",
  subscription:
    "resourcecontainers | where type == 'microsoft.resources/subscriptions' | project value = id, label = name",
  resourceType: "resources | summarize by value = type | order by value asc",
  location: "resources | where location != '' | summarize by value = location | order by value asc",
};

function useChoices(definition: ParameterDefinition): Known {
  const { scope } = useItemPlace();
  const { workspace, workspaces, now } = useShown();
  const own = OWN_QUERIES[definition.kind];
  const spec = useMemo(
    () => definition.query ?? (own && !definition.choices ? { ...NOTHING, text: own, source: 1 } : NOTHING),
    [definition, own],
  );
  const isAsked = spec !== NOTHING && !unservedSource(spec);
  const { resolution, answer } = useTable(spec, isAsked);
  const names = useMemo(() => parameterNames(definition), [definition]);
  const cells = useCells(scope, names);
  const subscriptions = useSubscriptionNames(definition.kind === "subscription");
  const choices = useMemo(() => {
    if (!isAsked) {
      const text = textOf(definition.raw["jsonData"]);
      if (cells === "" || !text.includes("{")) return definition.choices ?? [];
      return choicesOfJson(substitute(text, { valueOf: scope.valueOf, into: "text", now }));
    }
    const table = answer.data?.table;
    if (!table) return [];
    const found = choicesOfRows(
      table.columns.map((each) => each.name),
      table.rows,
    );
    if (definition.kind !== "resource" && definition.kind !== "subscription") return found;
    return found.map((each) => named(each, definition, workspace.id, workspaces.length, subscriptions));
  }, [isAsked, answer.data, definition, workspace, workspaces, scope, now, cells, subscriptions]);
  if (!isAsked) return { state: "known", choices };
  if (resolution.state === "waiting") return { state: "loading", choices };
  if (resolution.state === "unset")
    return { state: "known", choices, problem: `It needs ${resolution.names.join(", ")}.` };
  if (resolution.state === "wrong") return { state: "known", choices, problem: resolution.message };
  if (answer.isError) return { state: "known", choices, problem: deepest(answer.error) };
  return { state: answer.isPending ? "loading" : "known", choices };
}

/** What an error says in the end: the query API's says the cause last. */
function deepest(error: unknown): string {
  const last = error instanceof ApiError ? error.details.at(-1)?.message : undefined;
  return last || messageOf(error);
}

/** Resources by their names; of those that can be, the workspace that the person is in is chosen first. */
function named(
  choice: ParameterChoice,
  definition: ParameterDefinition,
  here: string,
  count: number,
  subscriptions: ReadonlyMap<string, string>,
): ParameterChoice {
  const label = choice.label !== choice.value ? choice.label : lastOfId(choice.value);
  const isHere = definition.kind === "resource" && choice.value.toLowerCase() === here.toLowerCase();
  const isSubscription =
    definition.kind === "subscription" && here.toLowerCase().startsWith(`${choice.value.toLowerCase()}/`);
  return {
    ...choice,
    label: subscriptions.get(label.toLowerCase()) ?? label,
    selected: choice.selected || (definition.isRequired && (isHere || (isSubscription && count > 0))),
  };
}

function useSubscriptionNames(enabled: boolean): ReadonlyMap<string, string> {
  const { clients } = useShown();
  const found = useQuery({
    queryKey: ["subscriptions", "names"],
    queryFn: ({ signal }) =>
      clients.arm.list<{ subscriptionId: string; displayName?: string }>(
        "/subscriptions",
        "Microsoft.Resources",
        {},
        signal,
      ),
    enabled,
    staleTime: 300_000,
  });
  return useMemo(
    () =>
      new Map(
        (found.data ?? []).map((each) => [each.subscriptionId.toLowerCase(), each.displayName ?? each.subscriptionId]),
      ),
    [found.data],
  );
}
