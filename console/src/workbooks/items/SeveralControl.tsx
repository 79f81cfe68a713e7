// Several of many choices: a button that opens boxes to check. What is checked counts when it is closed.
import { useEffect, useId, useRef, useState } from "react";
import { isSpecial, specialLabel } from "../model/choose";
import type { ControlProps } from "./Control";

const SHOWN = 200;

export function SeveralControl({ id, definition, choices, value, raw, choose }: ControlProps & { id: string }) {
  const [isOpen, setOpen] = useState(false);
  const [find, setFind] = useState("");
  const [checked, setChecked] = useState<readonly string[]>([]);
  const place = useRef<HTMLDivElement>(null);
  const box = useId();
  const specials = definition.extras.filter(isSpecial);
  const now = (): readonly string[] => {
    const listed = typeof raw === "string" ? [raw] : Array.isArray(raw) ? (raw as readonly string[]) : [];
    const special = listed.filter((each) => specials.includes(each));
    return special.length > 0
      ? special
      : value?.label === "All" && specials.includes("value::all")
        ? ["value::all"]
        : (value?.each ?? []);
  };
  const open = (): void => {
    setChecked(now());
    setFind("");
    setOpen(true);
  };
  const close = (): void => {
    setOpen(false);
    if (checked.join("\u0000") !== now().join("\u0000")) choose(checked);
  };
  useEffect(() => {
    if (!isOpen) return;
    const clicked = (event: PointerEvent): void => {
      if (!place.current?.contains(event.target as Node)) close();
    };
    document.addEventListener("pointerdown", clicked);
    return () => document.removeEventListener("pointerdown", clicked);
  });
  const toggle = (each: string): void => {
    if (isSpecial(each)) setChecked(checked.includes(each) ? [] : [each]);
    else {
      const plain = checked.filter((one) => !isSpecial(one));
      setChecked(plain.includes(each) ? plain.filter((one) => one !== each) : [...plain, each]);
    }
  };
  const found = choices.filter((each) => each.label.toLowerCase().includes(find.toLowerCase()));
  return (
    // oxlint-disable-next-line jsx-a11y/no-static-element-interactions -- Escape closes what is inside
    <div
      className="wb-several"
      ref={place}
      onKeyDown={(event) => {
        if (event.key !== "Escape" || !isOpen) return;
        event.stopPropagation();
        event.nativeEvent.stopImmediatePropagation();
        event.preventDefault();
        close();
      }}
    >
      <button
        type="button"
        aria-expanded={isOpen}
        aria-controls={isOpen ? box : undefined}
        aria-labelledby={`${id}-label ${id}-value`}
        onClick={() => (isOpen ? close() : open())}
      >
        <span id={`${id}-value`}>{value?.label || "<unset>"}</span> ▾
      </button>
      {isOpen && (
        <div id={box} className="wb-several-box" role="group" aria-labelledby={`${id}-label`}>
          {choices.length > 10 && (
            <input
              type="search"
              aria-label={`Find in ${definition.label}`}
              value={find}
              onChange={(event) => setFind(event.target.value)}
            />
          )}
          {specials.map((each) => (
            <label key={each}>
              <input type="checkbox" checked={checked.includes(each)} onChange={() => toggle(each)} />
              {specialLabel(each)}
            </label>
          ))}
          {found.slice(0, SHOWN).map((each) => (
            <label key={each.value}>
              <input
                type="checkbox"
                checked={checked.includes("value::all") || checked.includes(each.value)}
                onChange={() => toggle(each.value)}
              />
              {each.label}
            </label>
          ))}
          {found.length > SHOWN && <p className="faint">{found.length - SHOWN} more; type to find them.</p>}
          {found.length === 0 && <p className="faint">There is nothing to choose.</p>}
          <button type="button" onClick={close}>
            Apply
          </button>
        </div>
      )}
    </div>
  );
}
