// What went wrong on the way in, in the last seven days: the table Operation, and the health of data connectors.
import { useQuery } from "@tanstack/react-query";
import { askRows } from "~/api/kql";
import { useActions } from "~/keys/useKeys";
import { Empty, Failed, Loading } from "~/parts/states";
import { Instant } from "~/parts/time";
import { useOpenQuery } from "~/shell/openQuery";
import { usePlace } from "~/shell/place";
import { ERRORS } from "./tables";

export default function Errors() {
  const place = usePlace();
  const openQuery = useOpenQuery();
  const asked = useQuery({
    queryKey: ["ingestionErrors", place.workspace.id],
    queryFn: ({ signal }) => askRows(place, { query: ERRORS, signal }),
  });
  useActions({
    "page.loadNew": () => void asked.refetch(),
    "connectors.query": () => openQuery({ query: ERRORS, run: true }),
  });
  if (asked.isPending) return <Loading what="errors" />;
  if (asked.isError) return <Failed error={asked.error} again={() => void asked.refetch()} />;
  if (asked.data.length === 0)
    return (
      <Empty what="Nothing went wrong in seven days. They would be in:" how="_LogOperation | where Level != 'Info'" />
    );
  return (
    <>
      <p>
        <button type="button" onClick={() => openQuery({ query: ERRORS, run: true })}>
          Open the query <kbd>o</kbd>
        </button>
      </p>
      <table>
        <thead>
          <tr>
            <th scope="col">Last</th>
            <th scope="col">Times</th>
            <th scope="col">Level</th>
            <th scope="col">From</th>
            <th scope="col">What</th>
          </tr>
        </thead>
        <tbody>
          {asked.data.map((row, at) => (
            <tr key={at}>
              <td>
                <Instant value={String(row["Last"])} />
              </td>
              <td>{String(row["Times"])}</td>
              <td className={row["Level"] === "Warning" ? "warn" : "bad"}>{String(row["Level"])}</td>
              <td>{String(row["Source"])}</td>
              <td>{String(row["Text"])}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}
