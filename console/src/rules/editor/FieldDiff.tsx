// Two values of a setting beside each other: texts of several lines line by line, all else as it is.
import { diffLines } from "../line_diff";

const LONG = 60; // characters

export function FieldDiff({
  before,
  after,
  titles,
}: {
  before: unknown;
  after: unknown;
  titles?: readonly [string, string];
}) {
  const [old, now] = [textOf(before), textOf(after)];
  if (old.includes("\n") || now.includes("\n") || old.length > LONG || now.length > LONG) {
    return (
      <div className="diff">
        {titles && (
          <p className="faint">
            − {titles[0]} · + {titles[1]}
          </p>
        )}
        <pre>
          {diffLines(old, now).map(({ kind, text }, at) => (
            <span key={at} className={`line ${kind}`}>
              <span aria-hidden="true">{MARKS[kind]}</span>
              <span className="hidden-text">{kind === "same" ? "" : kind}</span> {text}
              {"\n"}
            </span>
          ))}
        </pre>
      </div>
    );
  }
  return (
    <span className="mono">
      <del>{old}</del> → <ins>{now}</ins>
    </span>
  );
}

const MARKS = { same: " ", gone: "−", new: "+" } as const;

export function textOf(value: unknown): string {
  if (value === undefined) return "(none)";
  return typeof value === "string"
    ? value
    : JSON.stringify(value, undefined, typeof value === "object" ? 1 : undefined);
}
