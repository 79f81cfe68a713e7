// The box in the place of what is not drawn: what it is, and its JSON when asked for.
import { useState } from "react";
import { copy } from "~/parts/clipboard";

export function NotRendered({ what, raw }: { what: string; raw: unknown }) {
  const [open, setOpen] = useState(false);
  const text = open ? JSON.stringify(raw, null, 2) : "";
  return (
    <div className="wb-unrendered" data-unrendered={what}>
      <div className="row">
        <span>not rendered: {what}</span>
        <button type="button" aria-expanded={open} onClick={() => setOpen(!open)}>
          JSON
        </button>
        {open && (
          <button type="button" onClick={() => copy(text)}>
            Copy
          </button>
        )}
      </div>
      {open && (
        <pre
          // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls
          tabIndex={0}
          aria-label={`JSON of ${what}`}
        >
          {text}
        </pre>
      )}
    </div>
  );
}
