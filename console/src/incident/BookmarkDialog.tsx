// Keeping a row of evidence as a bookmark of the incident.
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { bookmarkOfRow } from "~/bookmarks/ofRow";
import { Dialog } from "~/parts/dialog";
import { done } from "~/parts/toast";
import { usePlace } from "~/shell/place";
import type { Evidence } from "./evidence";
import type { Incident } from "./model";
import { refresh } from "./queries";
import { useWrite } from "./write";

export function BookmarkDialog(props: {
  incident: Incident;
  of: Evidence;
  row: Record<string, unknown>;
  close: () => void;
}) {
  const { incident, of, row, close } = props;
  const { arm, sentinel } = usePlace();
  const client = useQueryClient();
  const [name] = useState(() => crypto.randomUUID()); // a second try makes no second bookmark
  const [title, setTitle] = useState(`Row of #${incident.properties.incidentNumber}`);
  const [notes, setNotes] = useState("");
  const [isBusy, run] = useWrite();
  const save = async (): Promise<void> => {
    const [from, to] = of.timespan?.split("/") ?? [];
    const saved = await run("The bookmark", async () => {
      await arm.put(`${sentinel}/bookmarks/${name}`, "Microsoft.SecurityInsights", {
        properties: bookmarkOfRow({ displayName: title.trim(), notes, query: of.query, row, from, to }),
      });
      await arm.put(`${incident.id}/relations/${name}`, "Microsoft.SecurityInsights", {
        properties: { relatedResourceId: `${sentinel}/bookmarks/${name}` },
      });
      await refresh(client, incident.id);
    });
    if (!saved) return;
    done(`Bookmarked in #${incident.properties.incidentNumber}`);
    close();
  };
  return (
    <Dialog title="Bookmark the row" close={close}>
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <label>
          Name
          <input
            // oxlint-disable-next-line jsx-a11y/no-autofocus -- a dialog that is for typing
            autoFocus
            value={title}
            onChange={(event) => setTitle(event.target.value)}
          />
        </label>
        <label>
          Notes, in Markdown
          <textarea rows={3} value={notes} onChange={(event) => setNotes(event.target.value)} />
        </label>
        <p className="row">
          <button type="submit" className="primary" disabled={isBusy || !title.trim()}>
            Bookmark it
          </button>
          <button type="button" onClick={close}>
            Cancel
          </button>
        </p>
      </form>
    </Dialog>
  );
}
