// The queue of incidents: a list beside a preview, worked by keys.
import { useMemo, useState } from "react";
import { createPortal } from "react-dom";
import { useLocation } from "wouter";
import { isGranted } from "~/api/permissions";
import { path } from "~/api/arm";
import { sentinelOf } from "~/api/workspaces";
import { useActions, useScope } from "~/keys/useKeys";
import { copy } from "~/parts/clipboard";
import { Empty, Failed, Loading } from "~/parts/states";
import { PlaceIn, usePermissionsIn, usePlace } from "~/shell/place";
import { workspaceIdOf, type Incident } from "./incident";
import { QUEUE } from "./keys";
import { Preview } from "./Preview";
import { QueueHead } from "./QueueHead";
import { QueueList } from "./QueueList";
import { useRowEntities } from "./rowEntities";
import { useAlertQuery } from "./useAlertQuery";
import { useQueue } from "./useQueue";
import { useTriage } from "./useTriage";
import { DEFAULT, moved, serverFilter } from "./view";
import { show, ViewPicker, type PickerKind } from "./ViewPickers";
import "./incidents.css";

const NARROW = "(max-width: 700px)";

export default function IncidentsPage() {
  const place = usePlace();
  const { workspaces, workspace, isEvery } = place;
  const scope = useMemo(() => (isEvery ? workspaces : [workspace]), [isEvery, workspaces, workspace]);
  const queue = useQueue(scope);
  const { rows, at, view, now, feed } = queue;
  const held = usePermissionsIn(scope);
  const [picker, setPicker] = useState<PickerKind>();
  const [isAside, setAside] = useState(false); // on a narrow screen: the preview is in front of the queue
  const [, navigate] = useLocation();
  const entities = useRowEntities(rows, at);
  const current = rows[at];
  const workspaceOf = (incident: Incident) =>
    scope.find((each) => each.id.toLowerCase() === workspaceIdOf(incident.id).toLowerCase()) ?? workspace;
  const may = (action: string, incidents: readonly Incident[]): boolean =>
    incidents.every((each) => {
      const permissions = held.get(workspaceIdOf(each.id).toLowerCase());
      return permissions === undefined || isGranted(permissions, action);
    });
  const dialog = useTriage({ targets: queue.targets, closed: queue.passOver, may });
  const openQuery = useAlertQuery();
  const open = (row = at): void => {
    const incident = rows[row];
    if (!incident) return;
    queue.keepAt();
    // The incident's page leads back here, to the same filters and the same row.
    const from = location.pathname.replace(/^\/console/, "") + location.search;
    const to = `/w/${encodeURIComponent(workspaceOf(incident).slug)}/incidents/${incident.name}`;
    navigate(to, { state: { queue: from } });
  };
  const extend = (step: number): void => {
    const next = Math.max(0, Math.min(rows.length - 1, at + step));
    const ids = [rows[at], rows[next]].flatMap((each) => each?.id ?? []);
    queue.choose(new Set([...queue.chosen, ...ids]));
    queue.setAt(next);
  };
  useScope(QUEUE);
  useActions({
    "queue.next": () => queue.setAt(Math.min(rows.length - 1, at + 1)),
    "queue.previous": () => queue.setAt(Math.max(0, at - 1)),
    "queue.extendDown": () => extend(1),
    "queue.extendUp": () => extend(-1),
    "queue.choose": () => current && queue.toggle(current.id),
    "queue.chooseAll": () => queue.choose(new Set(rows.map((each) => each.id))),
    "queue.chooseNone": () => (isAside ? setAside(false) : queue.choose(new Set())),
    "queue.open": () => open(),
    "queue.filter": () => setPicker("filter"),
    "queue.noFilter": () => show({ ...DEFAULT, order: view.order }),
    "queue.order": () => setPicker("order"),
    "queue.views": () => setPicker("views"),
    "queue.saveView": () => setPicker("save"),
    "page.loadNew": queue.layOut,
    "time.back": () => show(moved(view, -1, feed.now)),
    "time.forward": () => show(moved(view, 1, feed.now)),
    "page.copyCall": () => {
      const call = path(`${sentinelOf(workspace)}/incidents`, "Microsoft.SecurityInsights", {
        $filter: serverFilter(view, feed.now),
        $orderby: "properties/createdTimeUtc desc",
        $top: 1000,
      });
      copy(`curl -H "Authorization: Bearer $TOKEN" '${location.origin}${call.replaceAll("'", "%27")}'`, "Call copied");
    },
    "incident.query": () => current && void openQuery(current, workspaceOf(current)),
  });
  if (feed.error) return <Failed error={feed.error} again={feed.again} />;
  return (
    <div className={isAside ? "queue aside" : "queue"}>
      <QueueHead
        view={view}
        belonging={queue.belonging}
        incidents={feed.incidents}
        now={now}
        fresh={queue.fresh}
        gone={queue.gone}
        chosen={queue.chosen.size}
      />
      {feed.lag !== undefined && <Failed error={feed.lag} again={feed.again} />}
      {feed.isCut && <p className="warn">The newest 5,000 of each workspace are listed; a time (f) narrows it.</p>}
      {!feed.isWhole && rows.length === 0 && <Loading what="incidents" />}
      {feed.isWhole && rows.length === 0 && <Nothing isFiltered={feed.incidents.length > 0} />}
      {rows.length > 0 && (
        <div className="queue-panes">
          <QueueList
            queue={queue}
            isEvery={isEvery}
            entities={entities}
            open={open}
            taken={() => matchMedia(NARROW).matches && setAside(true)}
          />
          {current && (
            <PlaceIn workspace={workspaceOf(current)}>
              <Preview incident={current} now={now} {...(isAside ? { back: () => setAside(false) } : {})} />
            </PlaceIn>
          )}
        </div>
      )}
      {dialog}
      {picker && <ViewPicker kind={picker} view={view} incidents={feed.incidents} close={() => setPicker(undefined)} />}
      <Hints />
    </div>
  );
}

function Nothing({ isFiltered }: { isFiltered: boolean }) {
  return isFiltered ? (
    <Empty what="No incident is in this view. Nothing is open, or a filter hides it: Shift+f takes the filters away, w has other views." />
  ) : (
    <Empty what="No incident yet. Rules make them; the demo has both:" how="vedette up --demo" />
  );
}

/** The keys that are wanted most, in the status line. */
function Hints() {
  const line = document.getElementById("page-hints");
  if (!line) return null;
  return createPortal(
    <>
      <kbd>j</kbd>/<kbd>k</kbd> move · <kbd>x</kbd> choose · <kbd>a</kbd> assign · <kbd>s</kbd> status · <kbd>c</kbd>{" "}
      close · <kbd>v</kbd> severity · <kbd>Enter</kbd> open
    </>,
    line,
  );
}
