// The explanation of one window: its rows, whether they fire, what became of entities, when it runs next.
import { Instant } from "~/parts/time";
import { entityText } from "./evaluation";
import type { Explanation } from "./explanation";
import { conditionText, Dropped } from "./PreviewPanel";

const SHOWN = 10;

export function Told({ told }: { told: Explanation }) {
  const { rows, next } = told;
  return (
    <section className="told" aria-label="Explanation">
      {rows === null && <p>A rule of this kind is no query; there are no rows to show.</p>}
      {rows && "failure" in rows && (
        <p className="bad">
          The window that ends <Instant value={rows.windowEnd} /> fails with {rows.failure.code}: {rows.failure.message}
        </p>
      )}
      {rows && !("failure" in rows) && (
        <>
          <p className="flow" role="status">
            <Instant value={rows.windowStart} /> to <Instant value={rows.windowEnd} />:{" "}
            <strong>
              {rows.count} {rows.count === 1 ? "row" : "rows"}
            </strong>
            , {rows.fires ? "which" : "which does not"} {rows.fires ? "fires" : "fire"}: it takes{" "}
            {conditionText(rows.condition)}.
          </p>
          {rows.entities.length > 0 && <p>Entities: {rows.entities.map(entityText).join(" · ")}</p>}
          <Dropped told={rows} />
          {rows.rows.length > 0 && (
            // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls, and so must be reached by keys
            <div className="scrolls" tabIndex={0} role="region" aria-label="Rows of the explained window">
              <table>
                <thead>
                  <tr>
                    {rows.columns.map((column) => (
                      <th key={column} scope="col">
                        {column}
                      </th>
                    ))}
                  </tr>
                </thead>
                <tbody>
                  {rows.rows.slice(0, SHOWN).map((row, at) => (
                    <tr key={at}>
                      {row.map((value, column) => (
                        <td key={column}>{value}</td>
                      ))}
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          )}
        </>
      )}
      {next && (
        <p className="faint">
          Next run: {next.at ? <Instant value={next.at} /> : "none"}. {next.reason}
        </p>
      )}
    </section>
  );
}
