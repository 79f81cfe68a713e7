// A text item: Markdown with the values of parameters in it.
import { useMemo } from "react";
import { Markdown } from "~/parts/Markdown";
import { useCells, useItemPlace, useShown } from "../context";
import type { TextItem } from "../model/item";
import { namesIn, substitute } from "../model/substitute";

export function TextView({ item }: { item: TextItem }) {
  const { scope } = useItemPlace();
  const { now } = useShown();
  useCells(
    scope,
    useMemo(() => namesIn(item.markdown), [item]),
  );
  const text = substitute(item.markdown, { valueOf: scope.valueOf, into: "text", now });
  return (
    <div className={item.tone ? `wb-text tone ${item.tone}` : "wb-text"}>
      <Markdown text={text} />
    </div>
  );
}
