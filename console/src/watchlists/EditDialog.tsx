// What a watchlist says of itself: name, description, provider, labels. Its alias and search key stay.
import { useState } from "react";
import { FormDialog, ListField, TextField } from "~/parts/form";
import type { WatchlistChanges } from "./changes";
import { WRITE, type Watchlist } from "./watchlist";

export default function EditDialog(props: { changes: WatchlistChanges; watchlist: Watchlist; close: () => void }) {
  const [properties, setProperties] = useState(props.watchlist.properties);
  const set = (change: Partial<typeof properties>): void => setProperties((before) => ({ ...before, ...change }));
  return (
    <FormDialog
      title={`Watchlist “${props.watchlist.name}”`}
      action={WRITE}
      close={props.close}
      send={() => props.changes.save(properties, props.watchlist.etag)}
      {...(properties.displayName.trim() ? {} : { problem: "It needs a name." })}
    >
      <TextField label="Name" required value={properties.displayName} set={(displayName) => set({ displayName })} />
      <TextField
        label="Description"
        lines={3}
        value={properties.description ?? ""}
        set={(description) => set({ description })}
      />
      <TextField label="Provider" value={properties.provider ?? ""} set={(provider) => set({ provider })} />
      <ListField label="Labels" value={properties.labels ?? []} set={(labels) => set({ labels })} />
      <TextField
        label="Default duration"
        value={properties.defaultDuration ?? ""}
        hint="ISO 8601, such as P30D; empty is for ever."
        set={(defaultDuration) => set({ defaultDuration })}
      />
    </FormDialog>
  );
}
