// The page of one incident: what it is, what happened, what it rests on, who is in it, what else is like it.
import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState, type ReactNode, type RefObject } from "react";
import { useParams } from "wouter";
import { path } from "~/api/arm";
import { ApiError } from "~/api/errors";
import { useIncident as useShown } from "~/incidents/edits";
import type { Incident } from "~/incidents/incident";
import type { Pending } from "~/incidents/patchQueue";
import { newest } from "~/incidents/known";
import { useTriage } from "~/incidents/useTriage";
import { useActions, useScope } from "~/keys/useKeys";
import { copy } from "~/parts/clipboard";
import { Empty, Failed, Loading } from "~/parts/states";
import { changeParameters, useGo, useParameter } from "~/shell/address";
import { usePlace } from "~/shell/place";
import { Alike } from "./Alike";
import { AlertChoice, useAlert } from "./AlertChoice";
import { Chips, Entities } from "./Entities";
import { EntityDrawer } from "./EntityDrawer";
import { evidenceOf } from "./evidence";
import { Evidence } from "./Evidence";
import { Header } from "./Header";
import { INCIDENT_SCOPE } from "./keys";
import { goQuery } from "./openQuery";
import { useNeighbours, useWays } from "./order";
import { incidentId, nameOf, prefetch, refresh, useIncident, usePart } from "./queries";
import { Raw } from "./Raw";
import { Related } from "./Related";
import { Tasks } from "./Tasks";
import { Timeline } from "./Timeline";
import { WhyFired } from "./WhyFired";
import "./incident.css";

const SECTIONS = [
  { key: "evidence", title: "Evidence", keys: "e" },
  { key: "why", title: "Why it fired", keys: "w" },
  { key: "entities", title: "Entities", keys: "f" },
  { key: "alike", title: "Alike", keys: "i" },
  { key: "tasks", title: "Tasks", keys: "h" },
  { key: "related", title: "Related", keys: "r" },
  { key: "raw", title: "Raw", keys: "Shift+r" },
] as const;
type SectionKey = (typeof SECTIONS)[number]["key"];

export default function IncidentPage() {
  const { name = "" } = useParams<{ name: string }>();
  const place = usePlace();
  const id = incidentId(place, name);
  const fetched = useIncident(id);
  const shown = useShown(fetched.data ?? newest(id)); // the queue knows it already: it stands at once
  if (shown) return <Page key={id} incident={shown.incident} pending={shown.pending} />;
  if (fetched.isError) {
    if (fetched.error instanceof ApiError && fetched.error.status === 404)
      return <Empty what="There is no such incident in this workspace: it was deleted, or is another workspace's." />;
    return <Failed error={fetched.error} again={() => void fetched.refetch()} />;
  }
  return <Loading what="the incident" />;
}

function Page({ incident, pending }: { incident: Incident; pending: Pending | undefined }) {
  const client = useQueryClient();
  const go = useGo();
  const comment = useRef<HTMLTextAreaElement>(null);
  const task = useRef<HTMLInputElement>(null);
  const sections = useRef<HTMLDivElement>(null);
  const { alert, alerts, choose } = useAlert(incident);
  const [entityName, setEntity] = useParameter("entity");
  const entities = usePart(incident.id, "entities");
  const entity = entities.data?.find((each) => each.name === entityName);
  const [isLater, stands] = useLater();
  const [focus, askFocus] = useState(0); // how often the graph was asked for; it may not be there yet
  useFollowed(incident);
  useSection(sections);
  const dialog = useTriage({
    targets: () => [incident],
    added: () => void refresh(client, incident.id),
  });
  useScope(INCIDENT_SCOPE);
  const at = alert ? alerts.indexOf(alert) : -1;
  const show = (key: SectionKey) => () => {
    changeParameters({ section: key });
    inSight(sections, key);
  };
  useActions({
    ...Object.fromEntries(SECTIONS.map(({ key }) => [`section.${key}`, show(key)])),
    "section.entities": () => {
      show("entities")();
      askFocus((count) => count + 1);
    },
    "section.evidence": () => {
      show("evidence")();
      sections.current?.querySelector<HTMLElement>("[role=grid]")?.focus();
    },
    "alert.next": () => choose(alerts[at + 1]),
    "alert.previous": () => choose(alerts[at - 1]),
    "incident.comment": () => comment.current?.focus(),
    "incident.task": () => {
      show("tasks")();
      task.current?.focus();
    },
    "incident.query": () => {
      const of = alert && evidenceOf(alert);
      if (of?.query) goQuery(go, of.query, of.timespan);
    },
    "page.loadNew": () => void refresh(client, incident.id),
    "page.copyCall": () => {
      const call = path(incident.id, "Microsoft.SecurityInsights");
      copy(`curl -H "Authorization: Bearer $TOKEN" '${location.origin}${call.replaceAll("'", "%27")}'`, "Call copied");
    },
  });
  const open = useCallback(
    (id: string): void => {
      const chosen = alerts.find((each) => each.id === id);
      if (chosen) choose(chosen);
      else setEntity(nameOf(id));
    },
    [alerts, choose, setEntity],
  );
  return (
    <div className="incident">
      <Header incident={incident} isPending={pending !== undefined} neighbours={<Neighbours id={incident.id} />} />
      <Chips incident={incident} open={setEntity} />
      <div className="incident-body">
        <Timeline incident={incident} box={comment} />
        <div className="sections" ref={sections}>
          <nav className="row section-links" aria-label="Parts of the incident">
            {SECTIONS.map(({ key, title, keys }) => (
              <button key={key} type="button" className="small" title={keys} onClick={show(key)}>
                {title}
              </button>
            ))}
          </nav>
          <Section of="evidence">
            <AlertChoice alerts={alerts} alert={alert} choose={choose} incident={incident} />
            {alert && <Evidence key={alert.id} incident={incident} alert={alert} stands={stands} />}
          </Section>
          <Section of="why">
            {alert ? isLater && <WhyFired alert={alert} /> : <p className="faint">No alert, so nothing fired.</p>}
          </Section>
          <Section of="entities">{isLater && <Entities incident={incident} open={open} focus={focus} />}</Section>
          <Section of="alike">{isLater && <Alike incident={incident} />}</Section>
          <Section of="tasks">
            <Tasks incident={incident} box={task} />
          </Section>
          <Section of="related">{isLater && <Related incident={incident} />}</Section>
          <Section of="raw">
            <Raw incident={incident} />
          </Section>
        </div>
      </div>
      {dialog}
      {entity && <EntityDrawer key={entity.id} incident={incident} entity={entity} close={() => setEntity("")} />}
    </div>
  );
}

function Section({ of, children }: { of: SectionKey; children: ReactNode }) {
  const known = SECTIONS.find((each) => each.key === of)!;
  return (
    <section id={`section-${of}`} aria-labelledby={`title-${of}`}>
      <h2 id={`title-${of}`}>
        {known.title} <kbd>{known.keys}</kbd>
      </h2>
      {children}
    </section>
  );
}

function inSight(sections: RefObject<HTMLElement | null>, key: string): void {
  sections.current?.querySelector(`#section-${CSS.escape(key)}`)?.scrollIntoView({ block: "start" });
}

/** The part that the address names is in sight once the page is there. */
function useSection(sections: RefObject<HTMLElement | null>): void {
  const [section] = useParameter("section");
  const first = useRef(section);
  useEffect(() => {
    if (!first.current) return;
    const key = first.current;
    const timers = [0, 300, 900].map((after) => setTimeout(() => inSight(sections, key), after)); // parts above it grow
    return () => timers.forEach(clearTimeout);
  }, [sections]);
}

const LATEST = 1500; // milliseconds after which nothing waits any more

/** What is further down is fetched once the evidence stands: first things first. */
function useLater(): [boolean, () => void] {
  const [isLater, setLater] = useState(false);
  const stands = useCallback(() => setLater(true), []);
  useEffect(() => {
    const timer = setTimeout(stands, LATEST);
    return () => clearTimeout(timer);
  }, [stands]);
  return [isLater, stands];
}

/** When the incident changes, by whomever, what hangs on it is fetched anew. */
function useFollowed(incident: Incident): void {
  const client = useQueryClient();
  const seen = useRef(incident.etag);
  useEffect(() => {
    if (seen.current === incident.etag) return;
    seen.current = incident.etag;
    void refresh(
      client,
      incident.id,
      "changes",
      "comments",
      "tasks",
      "alerts",
      "bookmarks",
      "relations",
      "playbookRuns",
    );
  }, [client, incident.id, incident.etag]);
}

/** The incidents before and after this one, fetched ahead. */
function Neighbours({ id }: { id: string }) {
  const place = usePlace();
  const client = useQueryClient();
  const ways = useWays();
  const { before, after, at, of } = useNeighbours(id);
  useEffect(() => {
    const timer = setTimeout(() => {
      for (const each of [after, before]) if (each) prefetch(client, place, each);
    }, 1500); // the page itself comes first
    return () => clearTimeout(timer);
  }, [client, place, before, after]);
  const to = (other: string | undefined) => () => other && ways.to(other);
  useActions({ "incident.next": to(after), "incident.previous": to(before), "incident.back": ways.back });
  return (
    <span className="row">
      <button type="button" className="small" disabled={!before} title="k" onClick={to(before)}>
        Previous
      </button>
      <button type="button" className="small" disabled={!after} title="j" onClick={to(after)}>
        Next
      </button>
      <small className="faint">{at > 0 && `${at} of ${of}`}</small>
    </span>
  );
}
