// What stands where data would: that it is being fetched, that there is none and what to do, that it failed and why.
import type { ReactNode } from "react";
import { ApiError, messageOf } from "~/api/errors";
import { copy } from "./clipboard";

export function Loading({ what }: { what: string }) {
  return (
    <p className="state" role="status">
      Loading {what} …
    </p>
  );
}

/** `what` is one sentence; `how` is the exact command or call that fills the place. */
export function Empty({ what, how, children }: { what: string; how?: string; children?: ReactNode }) {
  return (
    <div className="state">
      <p>{what}</p>
      {how && (
        <p>
          <code>{how}</code>{" "}
          <button type="button" onClick={() => copy(how)}>
            Copy
          </button>
        </p>
      )}
      {children}
    </div>
  );
}

export function Failed({ error, again }: { error: unknown; again?: () => void }) {
  const known = error instanceof ApiError ? error : undefined;
  const text = `${known?.code ?? "Error"}: ${messageOf(error)}${known?.requestId ? ` (request ${known.requestId})` : ""}`;
  return (
    <div className="state failed" role="alert">
      <p>
        <strong>{known?.code ?? "Error"}</strong> {messageOf(error)}
      </p>
      {known?.details.map((detail, at) => (
        <p key={at} className="faint">
          {detail.line !== undefined && `line ${detail.line}: `}
          {detail.message}
        </p>
      ))}
      <p className="row">
        {known?.requestId && <code>request {known.requestId}</code>}
        <button type="button" onClick={() => copy(text)}>
          Copy
        </button>
        {again && (
          <button type="button" onClick={again}>
            Try again
          </button>
        )}
      </p>
    </div>
  );
}
