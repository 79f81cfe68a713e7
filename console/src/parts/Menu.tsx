// A button with a list of things to do; arrows move, Escape closes.
// https://www.w3.org/WAI/ARIA/apg/patterns/menu-button/
import { useEffect, useId, useRef, useState, type KeyboardEvent, type ReactNode } from "react";

export interface MenuItem {
  readonly key: string;
  readonly label: ReactNode;
  readonly run: () => void;
  /** Why it cannot be done; it stays in sight. */
  readonly forbidden?: string;
  /** Of an item that is on or off. */
  readonly checked?: boolean;
}

export function Menu({ label, items }: { label: ReactNode; items: readonly MenuItem[] }) {
  const [open, setOpen] = useState(false);
  const id = useId();
  const frame = useRef<HTMLDivElement>(null);
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (open) (list.current?.firstElementChild as HTMLElement | null)?.focus();
  }, [open]);
  const close = (): void => {
    setOpen(false);
    frame.current?.querySelector("button")?.focus();
  };
  const move = (event: KeyboardEvent): void => {
    const all = [...(list.current?.children ?? [])] as HTMLElement[];
    const at = all.indexOf(document.activeElement as HTMLElement);
    if (event.key === "ArrowDown") all[(at + 1) % all.length]?.focus();
    else if (event.key === "ArrowUp") all[(at + all.length - 1) % all.length]?.focus();
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div
      className="menu"
      ref={frame}
      onBlur={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget)) setOpen(false);
      }}
    >
      <button
        type="button"
        aria-haspopup="menu"
        aria-expanded={open}
        aria-controls={open ? id : undefined}
        onClick={() => setOpen(!open)}
      >
        {label} ▾
      </button>
      {open && (
        <div role="menu" id={id} tabIndex={-1} ref={list} className="menu-items" onKeyDown={move}>
          {items.map((item) => (
            <button
              key={item.key}
              type="button"
              role={item.checked === undefined ? "menuitem" : "menuitemcheckbox"}
              aria-checked={item.checked}
              aria-disabled={item.forbidden ? true : undefined}
              title={item.forbidden}
              onClick={() => {
                if (item.forbidden) return;
                item.run();
                if (item.checked === undefined) close();
              }}
            >
              {item.checked !== undefined && <span aria-hidden="true">{item.checked ? "☑ " : "☐ "}</span>}
              {item.label}
            </button>
          ))}
        </div>
      )}
    </div>
  );
}
