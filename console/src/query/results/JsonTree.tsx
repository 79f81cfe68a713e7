// A value of JSON as a tree that opens and closes; what is closed is not drawn.
import { useState } from "react";

const SHOWN = 100; // members of one node at first
const LONGEST = 20_000; // characters of one text

export function JsonTree({ value, name, depth = 0 }: { value: unknown; name?: string; depth?: number }) {
  if (typeof value !== "object" || value === null) {
    return (
      <div className="json-leaf">
        {name !== undefined && <span className="json-name">{name}: </span>}
        <LongText text={typeof value === "string" ? value : String(value as number | boolean | null)} />
      </div>
    );
  }
  return <Branch value={value} name={name} depth={depth} />;
}

function Branch({ value, name, depth }: { value: object; name: string | undefined; depth: number }) {
  const [open, setOpen] = useState(depth < 2);
  const [most, setMost] = useState(SHOWN);
  const members = Object.entries(value);
  const kind = Array.isArray(value) ? `[${members.length}]` : `{${members.length}}`;
  return (
    <details open={open} onToggle={(event) => setOpen(event.currentTarget.open)} className="json-branch">
      <summary>
        {name !== undefined && <span className="json-name">{name} </span>}
        <span className="faint">{kind}</span>
      </summary>
      {open &&
        members
          .slice(0, most)
          .map(([key, member]) => <JsonTree key={key} name={key} value={member} depth={depth + 1} />)}
      {open && members.length > most && (
        <button type="button" onClick={() => setMost(most + 1000)}>
          {members.length - most} more
        </button>
      )}
    </details>
  );
}

/** A text whole, but for one so long that drawing it would take the page's breath. */
export function LongText({ text }: { text: string }) {
  const [whole, setWhole] = useState(false);
  if (text.length <= LONGEST || whole) return <span className="long-text">{text}</span>;
  return (
    <span className="long-text">
      {text.slice(0, LONGEST)}…{" "}
      <button type="button" onClick={() => setWhole(true)}>
        All {text.length.toLocaleString("en-US")} characters
      </button>
    </span>
  );
}
