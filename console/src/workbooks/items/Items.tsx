// The items of a workbook or of a group, each in its place: whether it is shown, how wide it is, and what it does not
// break when it fails.
import { Component, memo, useMemo, useRef, useEffect, useState, type CSSProperties, type ReactNode } from "react";
import { messageOf } from "~/api/errors";
import { PlaceContext, useCells, useItemPlace, type Place } from "../context";
import { declareIn } from "../model/declare";
import { visibilityNames } from "../model/dependencies";
import type { Item, QueryItem } from "../model/item";
import { Scope } from "../model/scope";
import { holds } from "../model/visibility";
import { NotRendered } from "../NotRendered";
import { GroupView } from "./GroupView";
import { LinksView } from "./LinksView";
import { ParametersView } from "./ParametersView";
import { QueryView } from "./QueryView";
import { TextView } from "./TextView";

/** Items in a scope of their own inside of the one around them. */
export function Items({ items, above }: { items: readonly Item[]; above?: Place }) {
  const place = useMemo((): Place => {
    const scope = new Scope(above?.scope);
    declareIn(scope, items);
    const own = new Map<string, QueryItem>();
    for (const item of items) if (item.kind === "query" && item.name) own.set(item.name, item);
    return { scope, named: (name) => own.get(name) ?? above?.named(name) };
  }, [items, above]);
  return (
    <PlaceContext.Provider value={place}>
      <div className="wb-items">
        {items.map((item) => (
          <Framed key={item.key} item={item} />
        ))}
      </div>
    </PlaceContext.Provider>
  );
}

const Framed = memo(function Framed({ item }: { item: Item }) {
  const { scope } = useItemPlace();
  useCells(
    scope,
    useMemo(() => visibilityNames(item), [item]),
  );
  const isVisible = item.conditions.every((each) => holds(each, scope.valueOf));
  // Parameters have values although they are not shown.
  if (!isVisible && item.kind !== "parameters") return null;
  const drawn = (
    <Contained raw={item.raw} key={item.key}>
      <Drawn item={item} isVisible={isVisible} />
    </Contained>
  );
  if (!isVisible) return drawn;
  return (
    <section
      className={`wb-item${item.style.border ? " bordered" : ""}`}
      data-item={item.key}
      data-name={item.name}
      data-kind={item.kind}
      style={placeOf(item)}
    >
      {drawn}
    </section>
  );
});

function placeOf(item: Item): CSSProperties {
  return {
    // Items that share a row leave its gaps between them.
    flexBasis: item.width >= 100 ? "100%" : `calc(${item.width}% - var(--gap))`,
    ...(item.style.margin ? { margin: item.style.margin } : {}),
    ...(item.style.padding ? { padding: item.style.padding } : {}),
  };
}

const Drawn = memo(function Drawn({ item, isVisible }: { item: Item; isVisible: boolean }) {
  switch (item.kind) {
    case "text":
      return <TextView item={item} />;
    case "query":
      return <InSight>{(isSeen) => <QueryView item={item} isSeen={isSeen} />}</InSight>;
    case "parameters":
      return <ParametersView item={item} isVisible={isVisible} />;
    case "links":
      return <LinksView item={item} />;
    case "group":
      return <GroupView item={item} />;
    case "unrendered":
      return <NotRendered what={item.what} raw={item.raw} />;
  }
});

/** Tells whether a place has come near the part of the page that is seen; once it has, it stays so. */
function InSight({ children }: { children: (isSeen: boolean) => ReactNode }) {
  const place = useRef<HTMLDivElement>(null);
  const [isSeen, setSeen] = useState(false);
  useEffect(() => {
    const watcher = new IntersectionObserver(
      (entries) => {
        if (!entries.some((entry) => entry.isIntersecting)) return;
        setSeen(true);
        watcher.disconnect();
      },
      { rootMargin: "400px" },
    );
    watcher.observe(place.current!);
    return () => watcher.disconnect();
  }, []);
  return <div ref={place}>{children(isSeen)}</div>;
}

/** An item that fails is a box with what went wrong; the others stand. */
class Contained extends Component<{ raw: unknown; children: ReactNode }, { error?: unknown }> {
  override state: { error?: unknown } = {};

  static getDerivedStateFromError(error: unknown): { error: unknown } {
    return { error };
  }

  override render(): ReactNode {
    if (this.state.error === undefined) return this.props.children;
    return <NotRendered what={`an item that failed: ${messageOf(this.state.error)}`} raw={this.props.raw} />;
  }
}
