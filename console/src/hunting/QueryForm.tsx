// The form of a hunting query.
import { useState } from "react";
import { FormDialog, ListField, TextField } from "~/parts/form";
import type { Draft, HuntingChanges } from "./changes";
import { WRITE, type HuntingQuery } from "./query";

export default function QueryForm(props: { changes: HuntingChanges; query?: HuntingQuery; close: () => void }) {
  const [draft, setDraft] = useState<Draft>(
    props.query ?? { displayName: "", description: "", query: "", tactics: [], techniques: [] },
  );
  const set = (change: Partial<Draft>): void => setDraft((before) => ({ ...before, ...change }));
  const problem = draft.displayName.trim() && draft.query.trim() ? undefined : "It needs a name and a query.";
  return (
    <FormDialog
      title={props.query ? `Hunting query “${props.query.displayName}”` : "New hunting query"}
      action={WRITE}
      wide
      close={props.close}
      send={() => props.changes.save(draft, props.query)}
      problem={problem}
    >
      <TextField label="Name" required value={draft.displayName} set={(displayName) => set({ displayName })} />
      <TextField label="Query" required mono lines={8} value={draft.query} set={(query) => set({ query })} />
      <TextField
        label="Description"
        lines={3}
        hint="Markdown: what it looks for, and why."
        value={draft.description}
        set={(description) => set({ description })}
      />
      <div className="pair">
        <ListField
          label="Tactics"
          value={draft.tactics}
          set={(tactics) => set({ tactics })}
          hint="Such as CredentialAccess."
        />
        <ListField
          label="Techniques"
          value={draft.techniques}
          set={(techniques) => set({ techniques })}
          hint="Such as T1110, T1110.003."
        />
      </div>
    </FormDialog>
  );
}
