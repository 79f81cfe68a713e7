// The box that finds a text in a result; `/` goes there, Enter to the next row, Escape back to the grid.
import { useRef } from "react";
import { useActions } from "~/keys/useKeys";
import { nextPlace, type Found } from "./useFind";

interface Props {
  readonly text: string;
  readonly setText: (text: string) => void;
  readonly found: Found;
  readonly at: number;
  readonly goTo: (place: number) => void;
}

export function FindBox({ text, setText, found, at, goTo }: Props) {
  const box = useRef<HTMLInputElement>(null);
  useActions({ "page.search": () => box.current?.select() });
  const go = (by: 1 | -1): void => {
    const place = nextPlace(found, at, by);
    if (place !== undefined) goTo(place);
  };
  const position = found.places.indexOf(at);
  return (
    <span className="find-box" role="search">
      <input
        ref={box}
        type="search"
        aria-label="Find in the result"
        placeholder="find  /"
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter") go(event.shiftKey ? -1 : 1);
          else if (event.key === "Escape")
            event.currentTarget.closest(".result-grid")?.querySelector<HTMLElement>("[role=grid]")?.focus();
          else return;
          event.preventDefault();
        }}
      />
      {text !== "" && (
        <span className="faint" role="status">
          {position >= 0 ? `${position + 1} of ` : ""}
          {found.places.length.toLocaleString("en-US")}
          {found.isDone ? " rows" : " …"}
        </span>
      )}
    </span>
  );
}
