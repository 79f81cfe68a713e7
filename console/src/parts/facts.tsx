// Names with their values, and the whole of a resource as JSON for whoever wants it.
import type { ReactNode } from "react";
import { copy } from "./clipboard";

export function Facts({ of }: { of: readonly (readonly [string, ReactNode])[] }) {
  return (
    <dl className="facts">
      {of
        .filter(([, value]) => value !== undefined && value !== "" && value !== null)
        .map(([name, value]) => [<dt key={name}>{name}</dt>, <dd key={`${name} value`}>{value}</dd>])}
    </dl>
  );
}

export function Raw({ value }: { value: unknown }) {
  const text = JSON.stringify(value, null, 2);
  return (
    <details>
      <summary>JSON</summary>
      <button type="button" onClick={() => copy(text, "JSON copied")}>
        Copy
      </button>
      <pre className="codebox">{text}</pre>
    </details>
  );
}

export function Code({ text, label = "Copy" }: { text: string; label?: string }) {
  return (
    <div className="copyable">
      <pre className="codebox">{text}</pre>
      <button type="button" onClick={() => copy(text)}>
        {label}
      </button>
    </div>
  );
}

export function Chips({ of }: { of: readonly string[] | undefined }) {
  if (!of || of.length === 0) return null;
  return (
    <span className="row chips">
      {of.map((each) => (
        <span key={each} className="chip">
          {each}
        </span>
      ))}
    </span>
  );
}
