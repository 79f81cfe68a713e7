// The columns of the queue, and what a cell of each shows.
import type { ReactNode } from "react";
import type { GridColumn } from "~/parts/Grid";
import { ageText, instantText } from "~/parts/time";
import { ownerName, workspaceIdOf, type Incident } from "./incident";
import type { Order } from "./view";

export interface CellPlace {
  readonly now: number;
  readonly zone: "utc" | "local";
  readonly isChosen: boolean;
  readonly isSaving: boolean;
  readonly toggle: () => void;
  readonly entities: string | undefined;
}

export interface QueueColumn extends GridColumn {
  /** The orders that a click on the head goes through; the first is by falling values, the second by rising ones. */
  readonly orders?: readonly [Order, Order?];
  /** Pixels that the list must have for it to be shown. */
  readonly from: number;
  readonly show: (incident: Incident, place: CellPlace) => ReactNode;
}

const MARKS: Readonly<Record<string, string>> = { New: "○", Active: "◐", Closed: "●" };
const SHORT: Readonly<Record<string, string>> = { Informational: "Info", Medium: "Med" };

const COLUMNS: readonly QueueColumn[] = [
  {
    key: "chosen",
    title: "",
    width: 30,
    from: 520,
    show: ({ properties }, { isChosen, toggle }) => (
      <input
        type="checkbox"
        tabIndex={-1}
        checked={isChosen}
        aria-label={`Choose #${properties.incidentNumber}`}
        onChange={toggle}
        onClick={(event) => event.stopPropagation()}
      />
    ),
  },
  {
    key: "status",
    orders: ["status"],
    title: "Status",
    width: 76,
    from: 520,
    show: ({ properties }, { isSaving }) => (
      <span title={isSaving ? "saving" : undefined} className={isSaving ? "warn" : undefined}>
        <span aria-hidden="true">{MARKS[properties.status]}</span> {properties.status}
      </span>
    ),
  },
  {
    key: "severity",
    orders: ["severity"],
    title: "Sev",
    width: 62,
    from: 0,
    show: ({ properties }) => (
      <span className={`severity-${properties.severity}`} title={properties.severity}>
        {SHORT[properties.severity] ?? properties.severity}
      </span>
    ),
  },
  {
    key: "title",
    orders: ["title"],
    title: "Title",
    width: 0,
    from: 0,
    show: ({ properties }) => <span title={properties.title}>{properties.title}</span>,
  },
  {
    key: "number",
    orders: ["number"],
    title: "Number",
    width: 76,
    from: 0,
    align: "right",
    show: ({ properties }) => `#${properties.incidentNumber}`,
  },
  {
    key: "owner",
    orders: ["owner"],
    title: "Owner",
    width: 110,
    from: 520,
    show: ({ properties }) => ownerName(properties.owner) || <span className="faint">–</span>,
  },
  {
    key: "age",
    orders: ["created", "oldest"],
    title: "Age",
    width: 46,
    from: 0,
    align: "right",
    show: ({ properties }, { now, zone }) => (
      <span title={`created ${instantText(properties.createdTimeUtc, zone)}`}>
        {ageText(now - Date.parse(properties.createdTimeUtc))}
      </span>
    ),
  },
  {
    key: "alerts",
    orders: ["alerts"],
    title: "Alerts",
    width: 62,
    from: 640,
    align: "right",
    show: ({ properties }) => properties.additionalData?.alertsCount ?? 0,
  },
  {
    key: "workspace",
    title: "Workspace",
    width: 110,
    from: 0,
    show: ({ id }) => workspaceIdOf(id).split("/").at(-1),
  },
  {
    key: "entities",
    title: "Entities",
    width: 220,
    from: 820,
    show: (_, { entities }) => <span title={entities}>{entities}</span>,
  },
];

const NARROWEST_TITLE = 120;

/** The columns for a list of so many pixels; the title takes what the others leave. */
export function columnsFor(width: number, isEvery: boolean): readonly QueueColumn[] {
  const shown = COLUMNS.filter((each) => width >= each.from && (isEvery || each.key !== "workspace"));
  const others = shown.reduce((sum, each) => sum + each.width, 0);
  return shown.map((each) =>
    each.key === "title" ? { ...each, width: Math.max(NARROWEST_TITLE, width - others) } : each,
  );
}
