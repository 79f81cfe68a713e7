// The rows that a hunting query finds, of which some are kept as bookmarks by the server.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { runQuery } from "~/api/logs";
import { askRows } from "~/api/kql";
import { counted } from "~/parts/changes";
import { FormDialog, ListField, TextField } from "~/parts/form";
import { Failed, Loading } from "~/parts/states";
import { done } from "~/parts/toast";
import { usePlace } from "~/shell/place";
import type { HuntingQuery } from "./query";

const MOST = 100; // that one call keeps
const COLUMNS = 6; // that are shown of a row
const WRITE = "Microsoft.SecurityInsights/bookmarks/write";

export default function BookmarkRows(props: { query: HuntingQuery; time: string; close: () => void }) {
  const { query, time } = props;
  const place = usePlace();
  const client = useQueryClient();
  const [chosen, setChosen] = useState<ReadonlySet<number>>(new Set([0]));
  const [notes, setNotes] = useState("");
  const [labels, setLabels] = useState<string[]>([]);
  const [title, setTitle] = useState("");
  const asked = useQuery({
    queryKey: ["huntingRows", place.workspace.id, query.key, query.query, time],
    queryFn: async ({ signal }) => {
      // The same two instants for what is shown and for what is kept.
      const [bounds] = await askRows(place, {
        query: `print Start = now() - totimespan("${daysOf(time)}"), End = now()`,
        signal,
      });
      const timespan = `${String(bounds?.["Start"])}/${String(bounds?.["End"])}`;
      const answer = await runQuery(place.send, place.workspace.customerId, { query: query.query, timespan, signal });
      return { timespan, table: answer.tables[0] };
    },
  });
  const table = asked.data?.table;
  const send = async (): Promise<void> => {
    const { body } = await place.send<{ bookmarks: readonly unknown[] }>({
      audience: "logs",
      method: "POST",
      path: `/vedette/workspaces/${place.workspace.customerId}/hunting/bookmarks`,
      body: {
        ...(query.saved ? { savedSearch: query.name } : { query: query.query, displayName: query.displayName }),
        timespan: asked.data?.timespan,
        rows: [...chosen].sort((a, b) => a - b),
        ...(notes ? { notes } : {}),
        ...(labels.length > 0 ? { labels } : {}),
        ...(title ? { incident: { title } } : {}),
      },
      patience: 90_000,
    });
    await client.invalidateQueries({ queryKey: ["bookmarks", place.sentinel] });
    done(`${counted(body.bookmarks.length, "bookmark")} kept`);
  };
  const toggle = (row: number): void =>
    setChosen((before) => {
      const after = new Set(before);
      if (!after.delete(row)) after.add(row);
      return after;
    });
  const problem = !table
    ? "Its rows are not there yet."
    : table.rows.length === 0
      ? "It finds nothing in this time."
      : chosen.size === 0
        ? "Choose a row."
        : undefined;
  return (
    <FormDialog
      title={`Rows of “${query.displayName}”`}
      action={WRITE}
      wide
      label={`Keep ${counted(chosen.size, "row")}`}
      close={props.close}
      send={send}
      problem={problem}
    >
      {asked.isPending && <Loading what="rows" />}
      {asked.isError && <Failed error={asked.error} />}
      {table && table.rows.length > 0 && (
        <div className="bookmark-rows" role="region" aria-label="Rows" tabIndex={-1}>
          <table>
            <thead>
              <tr>
                <th scope="col">Keep</th>
                {table.columns.slice(0, COLUMNS).map(({ name }) => (
                  <th key={name} scope="col">
                    {name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {table.rows.slice(0, MOST).map((row, at) => (
                <tr key={at}>
                  <td>
                    <input
                      type="checkbox"
                      aria-label={`Keep row ${at + 1}`}
                      checked={chosen.has(at)}
                      onChange={() => toggle(at)}
                    />
                  </td>
                  {table.columns.slice(0, COLUMNS).map(({ name }, column) => (
                    <td key={name}>{cellText(row[column])}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
          {table.rows.length > MOST && (
            <p className="faint">
              The first {MOST} of {table.rows.length}.
            </p>
          )}
        </div>
      )}
      <div className="pair">
        <TextField label="Note" lines={2} value={notes} set={setNotes} />
        <ListField label="Tags" value={labels} set={setLabels} />
      </div>
      <TextField
        label="Title of a new incident for them"
        value={title}
        set={setTitle}
        hint="Empty makes none; the page of bookmarks adds them to one later."
      />
    </FormDialog>
  );
}

/** `P7D` as `7.00:00:00`, which KQL reads. */
function daysOf(time: string): string {
  const [, days] = /^P(\d+)D$/.exec(time) ?? [];
  return days ? `${days}.00:00:00` : "01:00:00";
}

function cellText(value: unknown): string {
  if (value === null || value === undefined) return "";
  return (typeof value === "object" ? JSON.stringify(value) : String(value as string)).slice(0, 120);
}
