// What can be queried: tables by group with their columns, functions, saved queries. Only the lines in sight are drawn.
// https://www.w3.org/WAI/ARIA/apg/patterns/treeview/
import { useQuery } from "@tanstack/react-query";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useMemo, useRef, useState, type KeyboardEvent } from "react";
import { useActions } from "~/keys/useKeys";
import { Empty, Failed, Loading } from "~/parts/states";
import { usePlace } from "~/shell/place";
import { readMetadata } from "../editor/schema";
import { Facets } from "./Facets";
import { nodesOf, type Node } from "./nodes";

interface Props {
  readonly timespan: string;
  /** Put a name where the cursor is. */
  readonly insert: (text: string) => void;
  /** Open a query in a tab of its own. */
  readonly openQuery: (text: string) => void;
  readonly filter: (table: string, column: string, type: string, value: unknown) => void;
}

const LINE = 22; // pixels
const FACETS = 5 * 24 + 6;
const FIRST = new Set(["group Custom Logs"]);

export function SchemaTree({ timespan, insert, openQuery, filter }: Props) {
  const { send, workspace } = usePlace();
  const metadata = useQuery({
    queryKey: ["metadata", workspace.customerId],
    queryFn: ({ signal }) => readMetadata(send, workspace.customerId, signal),
    staleTime: 60_000,
  });
  const [open, setOpen] = useState<ReadonlySet<string>>(FIRST);
  const [wanted, setWanted] = useState("");
  const [at, setAt] = useState(0);
  const scroll = useRef<HTMLDivElement>(null);
  const box = useRef<HTMLInputElement>(null);
  const nodes = useMemo(
    () => (metadata.data ? nodesOf(metadata.data, open, wanted) : []),
    [metadata.data, open, wanted],
  );
  const lines = useVirtualizer({
    count: nodes.length,
    getScrollElement: () => scroll.current,
    estimateSize: (line) => (nodes[line]?.kind === "facets" ? FACETS : LINE),
    getItemKey: (line) => nodes[line]?.key ?? line,
    overscan: 10,
  });
  useActions({ "query.tables": () => box.current?.select() });
  const toggle = (node: Node): void => {
    const next = new Set(open);
    if (!next.delete(node.key)) next.add(node.key);
    setOpen(next);
  };
  const take = (node: Node): void => {
    if (node.kind === "query") openQuery(node.text ?? "");
    else if (node.text !== undefined) insert(node.text);
    else toggle(node);
  };
  const keyDown = (event: KeyboardEvent): void => {
    const node = nodes[at];
    if (event.target !== event.currentTarget) return;
    if (event.key === "ArrowDown") move(1);
    else if (event.key === "ArrowUp") move(-1);
    else if (event.key === "ArrowRight" && node?.open === false) toggle(node);
    else if (event.key === "ArrowLeft" && node?.open) toggle(node);
    else if (event.key === "Enter" && node) take(node);
    else return;
    event.preventDefault();
  };
  const move = (by: number): void => {
    let next = at + by;
    while (nodes[next]?.kind === "facets") next += by;
    next = Math.max(0, Math.min(nodes.length - 1, next));
    setAt(next);
    lines.scrollToIndex(next);
  };
  return (
    <section className="schema" aria-label="What can be queried">
      <input
        ref={box}
        type="search"
        aria-label="Find a table"
        placeholder="tables  t"
        value={wanted}
        onChange={(event) => {
          setWanted(event.target.value);
          setAt(0);
        }}
        onKeyDown={(event) => {
          if (event.key === "ArrowDown") scroll.current?.focus();
          else if (event.key === "Enter" && nodes.length > 0)
            take(nodes.find((each) => each.kind !== "group") ?? nodes[0]!);
          else return;
          event.preventDefault();
        }}
      />
      {metadata.isPending && <Loading what="the tables" />}
      {metadata.isError && <Failed error={metadata.error} again={() => void metadata.refetch()} />}
      {metadata.data && nodes.length === 0 && <Empty what="No table, function or query has this in its name." />}
      <div
        ref={scroll}
        className="schema-lines"
        role="tree"
        tabIndex={0}
        aria-label="Tables, functions and saved queries"
        aria-activedescendant={
          nodes[at] && lines.getVirtualItems().some((l) => l.index === at) ? `schema-${at}` : undefined
        }
        onKeyDown={keyDown}
      >
        <div style={{ height: lines.getTotalSize(), position: "relative" }} role="presentation">
          {lines.getVirtualItems().map((line) => {
            const node = nodes[line.index]!;
            return (
              <div
                key={line.key}
                className="schema-line"
                style={{ top: line.start, height: line.size }}
                role="presentation"
              >
                {node.kind === "facets" ? (
                  <div role="treeitem" aria-selected="false" tabIndex={-1} style={{ paddingLeft: 12 * node.depth + 8 }}>
                    <Facets
                      table={node.table!}
                      column={node.label}
                      type={node.type!}
                      timespan={timespan}
                      filter={(value) => filter(node.table!, node.label, node.type!, value)}
                    />
                  </div>
                ) : (
                  <Line
                    node={node}
                    id={`schema-${line.index}`}
                    isAt={line.index === at}
                    toggle={() => {
                      setAt(line.index);
                      toggle(node);
                    }}
                    take={() => {
                      setAt(line.index);
                      take(node);
                    }}
                  />
                )}
              </div>
            );
          })}
        </div>
      </div>
    </section>
  );
}

interface LineProps {
  readonly node: Node;
  readonly id: string;
  readonly isAt: boolean;
  readonly toggle: () => void;
  readonly take: () => void;
}

/** A click opens what opens; a double click, or one on what does not open, puts it into the query. */
function Line({ node, id, isAt, toggle, take }: LineProps) {
  const opens = node.open !== undefined;
  return (
    // oxlint-disable-next-line jsx-a11y/click-events-have-key-events -- the tree has the keys
    <div
      id={id}
      role="treeitem"
      tabIndex={-1}
      aria-level={node.depth + 1}
      aria-expanded={node.open}
      aria-selected={isAt}
      className={`${node.kind}${isAt ? " at" : ""}`}
      style={{ paddingLeft: 12 * node.depth + 4 }}
      title={[
        node.label,
        node.hint,
        node.kind === "table" || node.kind === "column" ? "double click or Enter inserts it" : "",
      ]
        .filter(Boolean)
        .join("\n")}
      onClick={opens ? toggle : take}
      onDoubleClick={opens ? take : undefined}
    >
      <span aria-hidden="true" className="schema-mark">
        {opens ? (node.open ? "▾" : "▸") : ""}
      </span>
      <span className="schema-name">{node.label}</span>
      {node.hint && <span className="faint"> {node.kind === "table" ? "" : node.hint}</span>}
    </div>
  );
}
