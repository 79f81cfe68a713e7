// The form of a hunt.
import { useState } from "react";
import { FormDialog, ListField, SelectField, TextField } from "~/parts/form";
import { WRITE, type Hunt, type HuntProperties } from "./Hunts";

export function HuntForm(props: {
  hunt?: Hunt;
  save: (properties: HuntProperties) => Promise<void>;
  close: () => void;
}) {
  const [properties, setProperties] = useState<HuntProperties>(
    props.hunt?.properties ?? { displayName: "", description: "", status: "New", hypothesisStatus: "Unknown" },
  );
  const set = (change: Partial<HuntProperties>): void => setProperties((before) => ({ ...before, ...change }));
  return (
    <FormDialog
      title={props.hunt ? `Hunt “${props.hunt.properties.displayName}”` : "New hunt"}
      action={WRITE}
      close={props.close}
      send={() => props.save(properties)}
      problem={
        properties.displayName.trim() && properties.description.trim() ? undefined : "It needs a name and a hypothesis."
      }
    >
      <TextField label="Name" required value={properties.displayName} set={(displayName) => set({ displayName })} />
      <TextField
        label="Hypothesis"
        required
        lines={3}
        value={properties.description}
        set={(description) => set({ description })}
      />
      <div className="pair">
        <SelectField
          label="Status"
          value={properties.status ?? "New"}
          set={(status) => set({ status })}
          options={["New", "Active", "Closed", "Backlog", "Approved"]}
        />
        <SelectField
          label="What came of it"
          value={properties.hypothesisStatus ?? "Unknown"}
          set={(hypothesisStatus) => set({ hypothesisStatus })}
          options={["Unknown", "Validated", "Invalidated"]}
        />
      </div>
      <div className="pair">
        <ListField
          label="Tactics"
          value={properties.attackTactics ?? []}
          set={(attackTactics) => set({ attackTactics })}
        />
        <ListField
          label="Techniques"
          value={properties.attackTechniques ?? []}
          set={(attackTechniques) => set({ attackTechniques })}
        />
      </div>
      <ListField label="Labels" value={properties.labels ?? []} set={(labels) => set({ labels })} />
    </FormDialog>
  );
}
