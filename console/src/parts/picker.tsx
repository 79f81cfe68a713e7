// Choosing one of many by typing: the palette, people, labels, playbooks. A combobox over a listbox, in a dialog.
// https://www.w3.org/WAI/ARIA/apg/patterns/combobox/
import { useId, useMemo, useRef, useState } from "react";
import { Dialog } from "./dialog";

export interface Choice {
  readonly key: string;
  readonly label: string;
  /** What stands faint behind the label. */
  readonly hint?: string;
  readonly group?: string;
}

const SHOWN = 50;

/** The choices that have every word of what was typed, those that begin with it first. */
export function matching<C extends Choice>(choices: readonly C[], typed: string): C[] {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return choices.slice(0, SHOWN);
  const first = words[0] ?? "";
  return choices
    .map((choice) => ({ choice, text: `${choice.label} ${choice.hint ?? ""} ${choice.group ?? ""}`.toLowerCase() }))
    .filter(({ text }) => words.every((word) => text.includes(word)))
    .sort((a, b) => Number(b.text.startsWith(first)) - Number(a.text.startsWith(first)))
    .slice(0, SHOWN)
    .map(({ choice }) => choice);
}

export function Picker<C extends Choice>(props: {
  title: string;
  choices: readonly C[];
  choose: (choice: C) => void;
  close: () => void;
  /** Called with what was typed when it is no choice and Enter is pressed. */
  make?: (typed: string) => void;
}) {
  const [typed, setTyped] = useState("");
  const [at, setAt] = useState(0);
  const list = useId();
  const found = useMemo(() => matching(props.choices, typed), [props.choices, typed]);
  const active = Math.min(at, found.length - 1);
  const listElement = useRef<HTMLDivElement>(null);
  const move = (step: number): void => {
    const next = Math.max(0, Math.min(found.length - 1, active + step));
    setAt(next);
    listElement.current?.children[next]?.scrollIntoView({ block: "nearest" });
  };
  const take = (choice: C | undefined): void => {
    if (!choice && !(props.make && typed.trim())) return;
    props.close();
    if (choice) props.choose(choice);
    else props.make?.(typed.trim());
  };
  return (
    <Dialog title={props.title} close={props.close}>
      <input
        // oxlint-disable-next-line jsx-a11y/no-autofocus -- a dialog that is for typing
        autoFocus
        role="combobox"
        aria-expanded="true"
        aria-controls={list}
        aria-activedescendant={active >= 0 ? `${list}-${active}` : undefined}
        aria-label={props.title}
        value={typed}
        onChange={(event) => {
          setTyped(event.target.value);
          setAt(0);
        }}
        onKeyDown={(event) => {
          if (event.key === "ArrowDown") move(1);
          else if (event.key === "ArrowUp") move(-1);
          else if (event.key === "Enter") take(found[active]);
          else return;
          event.preventDefault();
        }}
      />
      <div role="listbox" id={list} aria-label={props.title} className="choices" ref={listElement}>
        {found.map((choice, index) => (
          // oxlint-disable-next-line jsx-a11y/click-events-have-key-events -- the input has the keys
          <div
            key={choice.key}
            id={`${list}-${index}`}
            role="option"
            tabIndex={-1}
            aria-selected={index === active}
            onClick={() => take(choice)}
          >
            {choice.group && <span className="faint">{choice.group} </span>}
            {choice.label}
            {choice.hint && <span className="faint"> {choice.hint}</span>}
          </div>
        ))}
      </div>
      {found.length === 0 && (
        <p className="faint">{props.make && typed ? `Enter makes “${typed}”.` : "Nothing has all of these words."}</p>
      )}
    </Dialog>
  );
}
