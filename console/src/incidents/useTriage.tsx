// The grammar of triage for whatever is chosen: the queue's rows, the incident in the preview, the page of one. It brings
// in the keys, and the dialogs that some of them open.
import { useState, type ReactNode } from "react";
import { missing, useMay } from "~/parts/gated";
import { failed } from "~/parts/toast";
import { useActions, useScope } from "~/keys/useKeys";
import { usePlace } from "~/shell/place";
import type { IncidentChange } from "./change";
import { shownIncident } from "./edits";
import { CLOSINGS, SEVERITIES, type Closing, type Incident } from "./incident";
import { TRIAGE } from "./keys";
import { ownerOf } from "./people";
import { change, named } from "./triage";
import { TriageDialog, type DialogKind } from "./TriageDialog";

export const WRITE = "Microsoft.SecurityInsights/incidents/write";
export const COMMENT = "Microsoft.SecurityInsights/incidents/comments/write";
export const TASK = "Microsoft.SecurityInsights/incidents/tasks/write";
export const RUN_PLAYBOOK = "Microsoft.SecurityInsights/incidents/runPlaybook/action";

export interface TriageOptions {
  /** What the keys are for: the chosen rows, or the one with the cursor. */
  readonly targets: () => readonly Incident[];
  /** Told at once after incidents were closed. */
  readonly closed?: (incidents: readonly Incident[]) => void;
  /** Told after anything but the fields was added: "comments", "tasks". */
  readonly added?: (what: "comments" | "tasks" | "playbooks", incidents: readonly Incident[]) => void;
  /** Whether the person may do an action to incidents; as in the place, unless told. */
  readonly may?: (action: string, incidents: readonly Incident[]) => boolean;
}

/** Gives the dialog that is open, to be put on the page. */
export function useTriage({ targets, closed, added, may: told }: TriageOptions): ReactNode {
  const place = usePlace();
  const [open, setOpen] = useState<{ kind: DialogKind; incidents: readonly Incident[] }>();
  const mayHere = useMay();
  const may = (action: string): boolean => {
    if (told ? told(action, targets()) : mayHere(action)) return true;
    failed(missing(action), new Error("Whoever is Owner can give a role that has it."));
    return false;
  };
  const edit = (what: IncidentChange, words: string): void => {
    if (may(WRITE)) change(place, targets(), what, words);
  };
  const close = (closing: Closing, comment = "", incidents = targets()): void => {
    if (!may(WRITE) || incidents.length === 0) return;
    change(place, incidents, closedAs(closing, comment), `closed, ${closing.label.toLowerCase()}`);
    closed?.(incidents);
  };
  const dialog = (kind: DialogKind, action: string) => (): void => {
    const incidents = targets().map(shownIncident);
    if (incidents.length > 0 && may(action)) setOpen({ kind, incidents });
  };
  const assignToMe = (): void => {
    const me = ownerOf(place.session.person);
    if (!me.objectId)
      failed("Nobody is signed in: this server takes any caller.", new Error("Use A and choose somebody."));
    else edit({ owner: me }, `assigned to ${me.assignedTo ?? "me"}`);
  };
  useScope(TRIAGE);
  useActions({
    "incident.assignToMe": assignToMe,
    "incident.assign": dialog("owner", WRITE),
    "incident.new": () => edit(opened("New"), "New"),
    "incident.active": () => edit(opened("Active"), "Active"),
    ...Object.fromEntries(CLOSINGS.map((each) => [`incident.close.${each.key}`, () => close(each)])),
    "incident.close": dialog("close", WRITE),
    ...Object.fromEntries(
      SEVERITIES.map((each) => [`incident.severity.${each}`, () => edit({ severity: each }, `severity ${each}`)]),
    ),
    "incident.labels": dialog("labels", WRITE),
    "incident.comment": dialog("comment", COMMENT),
    "incident.task": dialog("task", TASK),
    "incident.playbook": dialog("playbook", RUN_PLAYBOOK),
  });
  return (
    open && (
      <TriageDialog
        key={`${open.kind} ${named(open.incidents)}`}
        kind={open.kind}
        incidents={open.incidents}
        done={() => setOpen(undefined)}
        closeAs={(closing, comment) => close(closing, comment, open.incidents)}
        added={added}
      />
    )
  );
}

export function closedAs(closing: Closing, comment: string): IncidentChange {
  return {
    status: "Closed",
    classification: closing.classification,
    classificationReason: closing.reason ?? null,
    classificationComment: comment.trim() || null,
  };
}

/** What is open has no outcome. */
function opened(status: "New" | "Active"): IncidentChange {
  return { status, classification: null, classificationReason: null, classificationComment: null };
}
