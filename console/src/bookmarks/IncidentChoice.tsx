// The incident that bookmarks go into: one that is there, or a new one.
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { Resource } from "~/api/arm";
import { counted } from "~/parts/changes";
import { FormDialog, SelectField, TextField } from "~/parts/form";
import { Picker } from "~/parts/picker";
import { useGo } from "~/shell/address";
import { usePlace } from "~/shell/place";
import { INCIDENT_WRITE, type Bookmark } from "./bookmark";
import type { BookmarkChanges } from "./changes";

interface Shared {
  readonly changes: BookmarkChanges;
  readonly bookmarks: readonly Bookmark[];
  readonly close: () => void;
}

/** The newest incidents; also used where something else is done with one that is chosen. */
export function useIncidentChoices() {
  const { arm, sentinel } = usePlace();
  const asked = useQuery({
    queryKey: ["incidentChoices", sentinel],
    staleTime: 10_000,
    queryFn: ({ signal }) =>
      arm.list<Resource<{ title: string; incidentNumber: number; status: string; severity: string }>>(
        `${sentinel}/incidents`,
        "Microsoft.SecurityInsights",
        { $orderby: "properties/createdTimeUtc desc", $top: 200 },
        signal,
        200,
      ),
  });
  return (asked.data ?? []).map(({ name, properties }) => ({
    key: name,
    label: `#${properties.incidentNumber} ${properties.title}`,
    hint: `${properties.severity} · ${properties.status}`,
  }));
}

export function IncidentPicker({ changes, bookmarks, close }: Shared) {
  return (
    <Picker
      title={`Incident for ${counted(bookmarks.length, "bookmark")}`}
      choices={useIncidentChoices()}
      choose={(choice) => void changes.link(choice.key, bookmarks)}
      close={close}
    />
  );
}

export function IncidentForm({ changes, bookmarks, close }: Shared) {
  const go = useGo();
  const [title, setTitle] = useState(bookmarks[0]?.properties.displayName ?? "");
  const [severity, setSeverity] = useState("Medium");
  const [description, setDescription] = useState(bookmarks[0]?.properties.notes ?? "");
  const taken = bookmarks.filter(({ properties }) => properties.incidentInfo);
  const problem = taken.length > 0 ? `${counted(taken.length, "bookmark")} are in an incident already.` : undefined;
  return (
    <FormDialog
      title={`New incident of ${counted(bookmarks.length, "bookmark")}`}
      close={close}
      action={INCIDENT_WRITE}
      label="Make the incident"
      {...(problem ? { problem } : {})}
      send={async () => go(`incidents/${await changes.incident({ title, severity, description }, bookmarks)}`)}
    >
      <TextField label="Title" required value={title} set={setTitle} />
      <SelectField
        label="Severity"
        value={severity}
        set={setSeverity}
        options={["High", "Medium", "Low", "Informational"]}
      />
      <TextField label="Description" lines={4} value={description} set={setDescription} />
    </FormDialog>
  );
}
