// One cell of an item: its value, or a field for it while its row is edited.
import type { KeyboardEvent } from "react";
import { textOf, type Item } from "./watchlist";

/** A row that is edited; without an item it is a new one. */
export interface Draft {
  readonly item: Item | undefined;
  readonly values: Record<string, unknown>;
}

export function ItemCell(props: {
  item: Item | undefined;
  name: string;
  isFirst: boolean;
  draft: Draft | undefined;
  set: (draft: Draft) => void;
  save: () => void;
  leave: () => void;
}) {
  const { draft, name } = props;
  if (!draft) return <>{textOf(props.item?.properties.itemsKeyValue[name])}</>;
  const pressed = (event: KeyboardEvent): void => {
    if (event.key === "Enter") props.save();
    else if (event.key === "Escape") props.leave();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <input
      // oxlint-disable-next-line jsx-a11y/no-autofocus -- the row was opened for typing
      autoFocus={props.isFirst}
      aria-label={name}
      value={textOf(draft.values[name])}
      onChange={(event) => props.set({ ...draft, values: { ...draft.values, [name]: event.target.value } })}
      onKeyDown={pressed}
    />
  );
}
