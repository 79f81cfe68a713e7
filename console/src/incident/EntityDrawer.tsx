// What is known of one entity: its facts, where the log has it, other incidents, indicators, watchlists. Beside the page, not
// over it: the keyboard goes in, and Escape goes back to where it was.
import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef, type ReactNode } from "react";
import { records, runQuery } from "~/api/logs";
import { Failed, Loading } from "~/parts/states";
import { Instant } from "~/parts/time";
import { useGo } from "~/shell/address";
import { usePlace } from "~/shell/place";
import {
  entityName,
  entityValue,
  factsOf,
  incidentsQuery,
  indicatorsQuery,
  rowsQuery,
  watchlistsQuery,
} from "./entityValue";
import { kindText } from "./kindText";
import type { Entity, Graph, Incident } from "./model";
import { goQuery } from "./openQuery";
import { LOOKED_BACK, useSightings, type Sightings } from "./sightings";
import { visible } from "~/parts/visible";

/** Rows of a query over all time. */
function useRows<T>(what: string, query: string | undefined) {
  const { send, workspace } = usePlace();
  return useQuery({
    queryKey: ["entity", workspace.id, what, query],
    enabled: query !== undefined,
    staleTime: 60_000,
    queryFn: async ({ signal }) => {
      const answer = await runQuery(send, workspace.customerId, { query: query!, signal });
      return records(answer.tables[0]) as unknown as T[];
    },
  });
}

/** The names of other incidents whose alerts have the entity. */
function useElsewhere(incident: Incident, entity: Entity) {
  const { arm } = usePlace();
  return useQuery({
    queryKey: ["incident", incident.id, "elsewhere"],
    staleTime: 60_000,
    queryFn: ({ signal }) =>
      arm.post<Graph>(`${incident.id}/graph`, "Microsoft.SecurityInsights", { includeRelatedAlerts: true }, signal),
    select: (graph) => {
      const alerts = new Set(graph.edges.filter((edge) => edge.source === entity.id).map((edge) => edge.target));
      const names = graph.nodes.filter((node) => alerts.has(node.id)).flatMap((node) => node.incidentNames ?? []);
      return [...new Set(names)].filter((name) => name !== incident.name).slice(0, 50);
    },
  });
}

interface Other {
  readonly IncidentName: string;
  readonly IncidentNumber: number;
  readonly Title: string;
  readonly Status: string;
  readonly Severity: string;
  readonly Classification: string;
}

export function EntityDrawer(props: { incident: Incident; entity: Entity; close: () => void }) {
  const { incident, entity, close } = props;
  const go = useGo();
  const value = entityValue(entity);
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    const before = document.activeElement;
    heading.current?.focus();
    return () => {
      if (before instanceof HTMLElement || before instanceof SVGElement) before.focus();
    };
  }, [entity.id]);
  const isLong = value.length >= 3; // anything shorter is everywhere
  const seen = useSightings(isLong ? value : undefined);
  const elsewhere = useElsewhere(incident, entity);
  const names = elsewhere.data ?? [];
  const others = useRows<Other>("others", names.length > 0 ? incidentsQuery(names) : undefined);
  const indicators = useRows<Record<string, unknown>>("indicators", value ? indicatorsQuery(value) : undefined);
  const watchlists = useRows<Record<string, string>>("watchlists", isLong ? watchlistsQuery(value) : undefined);
  const first = outermost(seen.found.map((each) => each.first));
  const last = outermost(
    seen.found.map((each) => each.last),
    -1,
  );
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- Escape closes it
    <aside
      className="drawer"
      aria-label={`Entity ${entityName(entity).slice(0, 100)}`}
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        event.preventDefault();
        event.stopPropagation();
        close();
      }}
    >
      <header className="row">
        <h2 tabIndex={-1} ref={heading}>
          <span className="faint">{kindText(entity.kind)}</span> <bdi>{entityName(entity)}</bdi>
        </h2>
        <span className="grow" />
        <button type="button" aria-label="Close the entity" title="Esc" onClick={close}>
          ×
        </button>
      </header>
      <dl className="facts-list">
        {factsOf(entity).map(([name, text]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              <bdi>{text}</bdi>
            </dd>
          </div>
        ))}
      </dl>
      <section aria-live="polite">
        <h3>In the log, 14 days</h3>
        {seen.error !== undefined && <Failed error={seen.error} />}
        {seen.found.length > 0 && (
          <p>
            first seen <Instant value={first} />
            <br />
            last seen <Instant value={last} />
          </p>
        )}
        <ul>
          {seen.found.map((each) => (
            <li key={each.table}>
              <button
                type="button"
                className="link"
                onClick={() => goQuery(go, rowsQuery(each.table, value), LOOKED_BACK)}
              >
                {each.rows.toLocaleString("en")} rows of {each.table}
              </button>
            </li>
          ))}
        </ul>
        <p className="faint">{soFar(seen, isLong)}</p>
      </section>
      <Part title="Other incidents" state={names.length > 0 ? others : elsewhere} what="incidents">
        {elsewhere.data?.length === 0 && <p className="faint">None has it.</p>}
        <ul>
          {others.data?.map((each) => (
            <li key={each.IncidentName}>
              <button type="button" className="link" onClick={() => go(`incidents/${each.IncidentName}`)}>
                <span className={`severity-${each.Severity}`}>{each.Severity}</span> #{each.IncidentNumber}{" "}
                <bdi>{visible(each.Title)}</bdi>
              </button>{" "}
              <span className="faint">{each.Classification || each.Status}</span>
            </li>
          ))}
        </ul>
      </Part>
      <Part title="Threat intelligence" state={indicators} what="indicators">
        {indicators.data?.length === 0 && <p className="faint">No indicator is about it.</p>}
        <ul>
          {indicators.data?.map((each) => (
            <li key={String(each["Id"])} className="bad">
              {String(each["ObservableKey"])} · confidence {String(each["Confidence"] ?? "–")} ·{" "}
              {String(each["SourceSystem"])} · {each["IsActive"] === false ? "not active" : "until"}{" "}
              <Instant value={(each["ValidUntil"] as string | null) ?? undefined} />
            </li>
          ))}
        </ul>
      </Part>
      <Part title="Watchlists" state={watchlists} what="watchlists">
        {watchlists.data?.length === 0 && <p className="faint">No watchlist has it.</p>}
        <ul>
          {watchlists.data?.map((each, at) => (
            <li key={at}>
              <button type="button" className="link" onClick={() => go(`watchlists/${each["WatchlistAlias"] ?? ""}`)}>
                {each["WatchlistAlias"]}
              </button>{" "}
              <bdi className="mono">{visible(each["Item"]?.slice(0, 300) ?? "")}</bdi>
            </li>
          ))}
        </ul>
      </Part>
    </aside>
  );
}

function outermost(instants: readonly string[], sign = 1): string | undefined {
  return instants.reduce<string | undefined>(
    (a, b) => (a === undefined || sign * (Date.parse(b) - Date.parse(a)) < 0 ? b : a),
    undefined,
  );
}

function soFar(seen: Sightings, isLong: boolean): string {
  if (!isLong) return "It is too short to be looked for.";
  if (seen.tables === undefined) return "Asking which tables have rows …";
  if (seen.asked < seen.tables) return `Looked into ${seen.asked} of ${seen.tables} tables …`;
  return seen.found.length > 0 ? "" : `None of the ${seen.tables} tables that got rows lately has it.`;
}

function Part(props: {
  title: string;
  what: string;
  state: {
    readonly isLoading: boolean;
    readonly isError: boolean;
    readonly error: unknown;
    readonly refetch: () => unknown;
  };
  children: ReactNode;
}) {
  return (
    <section>
      <h3>{props.title}</h3>
      {props.state.isLoading && <Loading what={props.what} />}
      {props.state.isError && <Failed error={props.state.error} again={() => void props.state.refetch()} />}
      {props.children}
    </section>
  );
}
