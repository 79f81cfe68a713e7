// The queries that are open: q1, q2, and + for another.
import type { KeyboardEvent } from "react";
import type { QueryTab } from "./tabs";

interface Props {
  readonly tabs: readonly QueryTab[];
  readonly chosen: string;
  readonly choose: (id: string) => void;
  readonly close: (id: string) => void;
  readonly add: () => void;
}

export function QueryTabs({ tabs, chosen, choose, close, add }: Props) {
  const move = (event: KeyboardEvent, at: number): void => {
    const by = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (event.key === "Delete") close(tabs[at]!.id);
    else if (by !== 0) {
      const next = (at + by + tabs.length) % tabs.length;
      choose(tabs[next]!.id);
      (event.currentTarget.parentElement?.children[next] as HTMLElement | undefined)?.focus();
    } else return;
    event.preventDefault();
  };
  return (
    <div className="query-tabs row">
      <div role="tablist" aria-label="Queries" className="row">
        {tabs.map((tab, at) => (
          <button
            key={tab.id}
            type="button"
            role="tab"
            aria-selected={tab.id === chosen}
            tabIndex={tab.id === chosen ? 0 : -1}
            title={`${tab.text.slice(0, 300)}\nw closes it`}
            onClick={() => choose(tab.id)}
            onAuxClick={(event) => event.button === 1 && close(tab.id)}
            onKeyDown={(event) => move(event, at)}
          >
            {tab.name}
          </button>
        ))}
      </div>
      <button type="button" aria-label="Another query" title="Another query (n)" onClick={add}>
        +
      </button>
    </div>
  );
}
