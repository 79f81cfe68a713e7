// Tabs: one of several views of the same thing; arrows move between them.
// https://www.w3.org/WAI/ARIA/apg/patterns/tabs/
import { useId, useRef, type ReactNode } from "react";

export interface Tab {
  readonly key: string;
  readonly label: ReactNode;
}

export function Tabs(props: {
  label: string;
  tabs: readonly Tab[];
  chosen: string;
  choose: (key: string) => void;
  children: ReactNode;
}) {
  const id = useId();
  const bar = useRef<HTMLDivElement>(null);
  const at = Math.max(
    0,
    props.tabs.findIndex((tab) => tab.key === props.chosen),
  );
  const move = (to: number): void => {
    const next = props.tabs[(to + props.tabs.length) % props.tabs.length];
    if (!next) return;
    props.choose(next.key);
    (bar.current?.children[props.tabs.indexOf(next)] as HTMLElement | undefined)?.focus();
  };
  return (
    <div className="tabs">
      <div role="tablist" aria-label={props.label} ref={bar}>
        {props.tabs.map((tab, index) => (
          <button
            key={tab.key}
            type="button"
            role="tab"
            id={`${id}-${tab.key}`}
            aria-selected={index === at}
            aria-controls={`${id}-panel`}
            tabIndex={index === at ? 0 : -1}
            onClick={() => props.choose(tab.key)}
            onKeyDown={(event) => {
              if (event.key === "ArrowRight") move(at + 1);
              else if (event.key === "ArrowLeft") move(at - 1);
              else return;
              event.preventDefault();
            }}
          >
            {tab.label}
          </button>
        ))}
      </div>
      <div role="tabpanel" id={`${id}-panel`} aria-labelledby={`${id}-${props.tabs[at]?.key}`} className="panel">
        {props.children}
      </div>
    </div>
  );
}
