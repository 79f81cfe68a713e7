// What a deployment would change, resource by resource and property by property.
import { linesOf, type Change, type ChangeType } from "./deployment";

const ORDER: readonly ChangeType[] = ["Delete", "Modify", "Create", "Deploy", "Unsupported", "NoChange", "Ignore"];
const TONES: Readonly<Partial<Record<ChangeType, string>>> = { Delete: "bad", Modify: "warn", Create: "good" };

export function WhatIf({ changes }: { changes: readonly Change[] }) {
  const counts = ORDER.map((type) => [type, changes.filter((each) => each.changeType === type).length] as const);
  const shown = [...changes].sort((a, b) => ORDER.indexOf(a.changeType) - ORDER.indexOf(b.changeType));
  return (
    <section aria-label="What would change" className="whatif">
      <p role="status">
        {counts
          .filter(([, count]) => count > 0)
          .map(([type, count]) => `${count} ${type}`)
          .join(", ") || "Nothing would change."}
      </p>
      {shown.map((change) => (
        <Changed key={change.resourceId} change={change} />
      ))}
    </section>
  );
}

function Changed({ change }: { change: Change }) {
  const lines = linesOf(change);
  const title = (
    <>
      <strong className={TONES[change.changeType]}>{change.changeType}</strong>{" "}
      <span className="mono">{change.resourceId}</span>
    </>
  );
  if (lines.length === 0) return <p className="change">{title}</p>;
  return (
    <details className="change" open={change.changeType === "Modify" || change.changeType === "Delete"}>
      <summary>{title}</summary>
      <table>
        <tbody>
          {lines.map((line, at) => (
            <tr key={at} className={line.mark === "+" ? "added" : line.mark === "-" ? "removed" : undefined}>
              <td className="mono">{line.mark}</td>
              <th scope="row" className="mono">
                {line.path}
              </th>
              <td className="mono">
                {line.before !== undefined && <del>{line.before}</del>}{" "}
                {line.after !== undefined && <ins>{line.after}</ins>}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}
