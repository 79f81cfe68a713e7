// Names the bookmarks of chosen rows before they are made; they can be taken back.
import { useMutation } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { Dialog } from "~/parts/dialog";
import { Gated } from "~/parts/gated";
import { Failed } from "~/parts/states";
import { done, failed } from "~/parts/toast";
import { usePlace } from "~/shell/place";
import { BOOKMARK_WRITE, keepRows, MOST_BOOKMARKS, type Source } from "./bookmarks";

interface Props {
  readonly source: Omit<Source, "name" | "note">;
  readonly rows: readonly (readonly unknown[])[];
  readonly close: () => void;
}

export function BookmarkDialog({ source, rows, close }: Props) {
  const place = usePlace();
  const [name, setName] = useState(`${source.table.name === "PrimaryResult" ? "Row" : source.table.name} of a query`);
  const [note, setNote] = useState("");
  const tooMany = rows.length > MOST_BOOKMARKS;
  const keeping = useMutation({
    mutationFn: () => keepRows(place, { ...source, name: name.trim(), note: note.trim() }, rows),
    onSuccess: (ids) => {
      done(`${ids.length} ${ids.length === 1 ? "bookmark" : "bookmarks"} made.`, () => {
        Promise.all(ids.map((id) => place.arm.remove(id, "Microsoft.SecurityInsights"))).then(
          () => done("The bookmarks are gone."),
          (error: unknown) => failed("The bookmarks could not be taken back.", error),
        );
      });
      close();
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (!tooMany && name.trim()) keeping.mutate();
  };
  return (
    <Dialog title={rows.length === 1 ? "Bookmark this row" : `Bookmark ${rows.length} rows`} close={close}>
      <form className="save-form" onSubmit={submit}>
        <label>
          Name
          <input value={name} onChange={(event) => setName(event.target.value)} data-focus required />
        </label>
        <label>
          Note
          <textarea rows={3} value={note} onChange={(event) => setNote(event.target.value)} />
        </label>
        {tooMany && <p className="warn">At most {MOST_BOOKMARKS} rows at once.</p>}
        {keeping.isError && <Failed error={keeping.error} />}
        <p className="row">
          <Gated action={BOOKMARK_WRITE} type="submit" className="primary" disabled={keeping.isPending || tooMany}>
            Bookmark
          </Gated>
          <button type="button" onClick={close}>
            Cancel
          </button>
        </p>
      </form>
    </Dialog>
  );
}
