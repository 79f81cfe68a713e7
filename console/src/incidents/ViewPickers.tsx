// Choosing what the queue shows: filters, the order, views by name; and a name for the present view.
import { useState } from "react";
import { Dialog } from "~/parts/dialog";
import { Picker, type Choice } from "~/parts/picker";
import { done } from "~/parts/toast";
import { usePlace } from "~/shell/place";
import { changeParameters } from "~/shell/address";
import { isOwnedBy, ownerName, SEVERITIES, STATUSES, type Incident } from "./incident";
import { BUILT_IN, removeView, saveView, useSavedViews } from "./savedViews";
import { ORDERS, readView, ruleNames, SPANS, toggled, writtenView, type Facet, type Order, type View } from "./view";

export type PickerKind = "filter" | "order" | "views" | "save";

export interface ViewPickerProps {
  readonly kind: PickerKind;
  readonly view: View;
  readonly incidents: readonly Incident[];
  readonly close: () => void;
}

export function show(view: View): void {
  changeParameters(writtenView(view));
}

export function ViewPicker(props: ViewPickerProps) {
  switch (props.kind) {
    case "filter":
      return <FilterPicker {...props} />;
    case "order":
      return <OrderPicker {...props} />;
    case "views":
      return <ViewsPicker {...props} />;
    case "save":
      return <SaveView {...props} />;
  }
}

export const FACETS: Readonly<Record<Facet | "since", string>> = {
  status: "Status",
  severity: "Severity",
  owner: "Owner",
  tag: "Tag",
  product: "Product",
  rule: "Rule",
  since: "Time",
};

interface FilterChoice extends Choice {
  readonly next: View;
}

function FilterPicker({ view, incidents, close }: ViewPickerProps) {
  const { session } = usePlace();
  const values = (facet: Facet, of: (incident: Incident) => readonly string[]): [Facet, string, number][] => {
    const counts = new Map<string, number>();
    for (const each of incidents) for (const value of of(each)) counts.set(value, (counts.get(value) ?? 0) + 1);
    return [...counts].sort((a, b) => b[1] - a[1]).map(([value, count]) => [facet, value, count]);
  };
  const counted = (facet: Facet, value: string, is: (each: Incident) => boolean): [Facet, string, number] => [
    facet,
    value,
    incidents.filter(is).length,
  ];
  const all: [Facet, string, number][] = [
    ...STATUSES.map((each) => counted("status", each, ({ properties }) => properties.status === each)),
    ...SEVERITIES.map((each) => counted("severity", each, ({ properties }) => properties.severity === each)),
    counted("owner", "me", ({ properties }) => isOwnedBy(properties.owner, session.person)),
    counted("owner", "none", ({ properties }) => ownerName(properties.owner) === ""),
    ...values("owner", ({ properties }) => {
      const key = properties.owner?.objectId || properties.owner?.userPrincipalName;
      return key && !isOwnedBy(properties.owner, session.person) ? [key] : [];
    }),
    ...values("tag", ({ properties }) => (properties.labels ?? []).map((label) => label.labelName)),
    ...values("product", ({ properties }) => properties.additionalData?.alertProductNames ?? []),
    ...values("rule", ruleNames),
  ];
  const choices: FilterChoice[] = all.map(([facet, value, count]) => {
    const isOn = (view[facet] as readonly string[]).includes(value);
    return {
      key: `${facet} ${value}`,
      group: FACETS[facet],
      label: labelOf(facet, value, incidents),
      hint: `${count}${isOn ? " ✓ shown, take away" : ""}`,
      next: toggled(view, facet, value),
    };
  });
  const times = ["", ...Object.keys(SPANS)].map((since): FilterChoice => ({
    key: `since ${since}`,
    group: FACETS.since,
    label: since === "" ? "all" : `last ${since}`,
    hint: view.since === since ? "✓" : "",
    next: { ...view, since, until: "" },
  }));
  return (
    <Picker
      title="Filter"
      choices={[...choices, ...times]}
      choose={({ next }) => show(next)}
      close={close}
      make={(typed) => show({ ...view, text: typed })}
    />
  );
}

/** A value of a facet as a person reads it. */
export function labelOf(facet: Facet, value: string, incidents: readonly Incident[]): string {
  if (facet !== "owner") return value;
  if (value === "me") return "me";
  if (value === "none") return "nobody";
  const of = incidents.find(({ properties }) =>
    isOwnedBy(properties.owner, { objectId: value, userPrincipalName: value }),
  );
  return ownerName(of?.properties.owner) || value;
}

function OrderPicker({ view, close }: ViewPickerProps) {
  const choices = Object.entries(ORDERS).map(([key, label]): Choice => ({
    key,
    label,
    hint: key === view.order ? "✓" : "",
  }));
  return (
    <Picker
      title="Order"
      choices={choices}
      choose={({ key }) => show({ ...view, order: key as Order })}
      close={close}
    />
  );
}

interface ViewChoice extends Choice {
  readonly act: () => void;
}

function ViewsPicker({ close }: ViewPickerProps) {
  const saved = useSavedViews();
  const choices: ViewChoice[] = [
    ...saved.map((each) => ({
      key: `own ${each.name}`,
      group: "Yours",
      label: each.name,
      act: () => show(readView(each.search)),
    })),
    ...BUILT_IN.map((each) => ({ key: each.name, label: each.name, act: () => show(readView(each.search)) })),
    ...saved.map((each) => ({
      key: `remove ${each.name}`,
      group: "Remove",
      label: each.name,
      act: () => {
        removeView(each.name);
        done(`View ${each.name} removed`, () => saveView(each.name, readView(each.search)));
      },
    })),
  ];
  return <Picker title="Views" choices={choices} choose={(choice) => choice.act()} close={close} />;
}

function SaveView({ view, close }: ViewPickerProps) {
  const [name, setName] = useState("");
  return (
    <Dialog title="Save this view" close={close}>
      <form
        className="triage-form"
        onSubmit={(event) => {
          event.preventDefault();
          if (!name.trim()) return;
          saveView(name.trim(), view);
          close();
          done(`View ${name.trim()} saved in this browser; its address (y) shows it to others.`);
        }}
      >
        <label>
          Name
          <input
            // oxlint-disable-next-line jsx-a11y/no-autofocus -- a dialog that is for typing
            autoFocus
            maxLength={80}
            value={name}
            onChange={(event) => setName(event.target.value)}
          />
        </label>
        <p className="row">
          <button type="submit" className="primary" aria-disabled={!name.trim()}>
            Save
          </button>
          <button type="button" onClick={close}>
            Cancel
          </button>
        </p>
      </form>
    </Dialog>
  );
}
