// The dialogs of triage: whom, which labels, how it was closed, a comment, a task, a playbook.
import { useState } from "react";
import { done, failed } from "~/parts/toast";
import { messageOf } from "~/api/errors";
import { Picker, type Choice } from "~/parts/picker";
import { usePlace } from "~/shell/place";
import { CloseDialog } from "./CloseDialog";
import { ownerName, workspaceIdOf, type Closing, type Incident, type Owner } from "./incident";
import { knownOf } from "./known";
import { PlaybookPicker } from "./PlaybookPicker";
import { usePeople } from "./people";
import { TextDialog } from "./TextDialog";
import { change, named } from "./triage";

export type DialogKind = "owner" | "labels" | "close" | "comment" | "task" | "playbook";

export interface TriageDialogProps {
  readonly kind: DialogKind;
  readonly incidents: readonly Incident[];
  readonly done: () => void;
  readonly closeAs: (closing: Closing, comment: string) => void;
  readonly added: ((what: "comments" | "tasks" | "playbooks", incidents: readonly Incident[]) => void) | undefined;
}

export function TriageDialog(props: TriageDialogProps) {
  switch (props.kind) {
    case "owner":
      return <OwnerPicker {...props} />;
    case "labels":
      return <LabelPicker {...props} />;
    case "close":
      return <CloseDialog {...props} />;
    case "comment":
    case "task":
      return <TextDialog {...props} kind={props.kind} />;
    case "playbook":
      return <PlaybookPicker {...props} />;
  }
}

interface Person extends Choice {
  readonly owner: Owner | null;
}

function OwnerPicker({ incidents, done: close }: TriageDialogProps) {
  const place = usePlace();
  const [known] = useState(() => place.workspaces.flatMap((each) => knownOf(each.id)));
  const { people, closed, isPending } = usePeople(known, true);
  const isOwned = incidents.some(({ properties }) => ownerName(properties.owner) !== "");
  const choices = [
    ...people.map((owner): Person => ({
      key: `${owner.objectId ?? ""} ${owner.userPrincipalName ?? ""}`,
      label: ownerName(owner),
      hint: [owner.userPrincipalName ?? "", owner.objectId === place.session.person.objectId ? "you" : ""]
        .filter(Boolean)
        .join(" · "),
      owner,
    })),
    ...(isOwned ? [{ key: "nobody", label: "Nobody", hint: "take the owner away", owner: null }] : []),
  ];
  const title = isPending
    ? `Assign ${named(incidents)} to … (asking the directory)`
    : closed
      ? `Assign ${named(incidents)} to … (the directory is closed: ${messageOf(closed)})`
      : `Assign ${named(incidents)} to …`;
  return (
    <Picker
      title={title}
      choices={choices}
      close={close}
      choose={({ owner, label }) =>
        change(place, incidents, { owner }, owner ? `assigned to ${label}` : "assigned to nobody")
      }
      make={(typed) =>
        /^\S+@\S+$/.test(typed)
          ? change(
              place,
              incidents,
              { owner: { userPrincipalName: typed, email: typed, assignedTo: typed } },
              `assigned to ${typed}`,
            )
          : failed(
              `Nobody here is called ${typed}.`,
              new Error("Type a name of the list, or a whole user principal name."),
            )
      }
    />
  );
}

function LabelPicker({ incidents, done: close }: TriageDialogProps) {
  const place = usePlace();
  const workspaces = new Set(incidents.map(({ id }) => workspaceIdOf(id)));
  const used = new Map<string, number>();
  for (const each of [...workspaces].flatMap(knownOf))
    for (const { labelName } of each.properties.labels ?? []) used.set(labelName, (used.get(labelName) ?? 0) + 1);
  const count = (name: string): number =>
    incidents.filter(({ properties }) => properties.labels?.some((label) => label.labelName === name)).length;
  const own = new Set(incidents.flatMap(({ properties }) => (properties.labels ?? []).map((label) => label.labelName)));
  const names = [...new Set([...own, ...used.keys()])].sort(
    (a, b) => Number(own.has(b)) - Number(own.has(a)) || (used.get(b) ?? 0) - (used.get(a) ?? 0) || a.localeCompare(b),
  );
  const add = (name: string): void => change(place, incidents, { addLabels: [name] }, `label ${name}`);
  const remove = (name: string): void => change(place, incidents, { removeLabels: [name] }, `label ${name} taken away`);
  return (
    <Picker
      title={`Labels of ${named(incidents)}`}
      choices={names.map((name): Choice => {
        const has = count(name);
        const all = has === incidents.length;
        return { key: name, label: name, hint: all ? "✓ take away" : has > 0 ? `on ${has} of them, add` : "add" };
      })}
      close={close}
      choose={({ key }) => (count(key) === incidents.length ? remove(key) : add(key))}
      make={(typed) => (own.has(typed) ? done(`${named(incidents)}: has ${typed} already`) : add(typed))}
    />
  );
}
