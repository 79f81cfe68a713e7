// The queue of incidents.
import { useQuery } from "@tanstack/react-query";
import type { Resource } from "~/api/arm";
import { Empty, Failed, Loading } from "~/parts/states";
import { Instant } from "~/parts/time";
import { usePlace } from "~/shell/place";

interface Incident {
  readonly incidentNumber: number;
  readonly title: string;
  readonly severity: string;
  readonly status: string;
  readonly createdTimeUtc: string;
}

export default function IncidentsPage() {
  const { arm, sentinel } = usePlace();
  const incidents = useQuery({
    queryKey: ["incidents", sentinel],
    queryFn: ({ signal }) =>
      arm.list<Resource<Incident>>(
        `${sentinel}/incidents`,
        "Microsoft.SecurityInsights",
        { $orderby: "properties/createdTimeUtc desc", $top: 1000 },
        signal,
      ),
    refetchInterval: 5000,
  });
  return (
    <>
      <h1>Incidents</h1>
      {incidents.isPending && <Loading what="incidents" />}
      {incidents.isError && <Failed error={incidents.error} again={() => void incidents.refetch()} />}
      {incidents.data?.length === 0 && (
        <Empty what="No incident yet. Rules make them; the demo has both:" how="vedette up --demo" />
      )}
      {incidents.data && incidents.data.length > 0 && (
        <table>
          <thead>
            <tr>
              <th scope="col">Severity</th>
              <th scope="col">Title</th>
              <th scope="col">Number</th>
              <th scope="col">Status</th>
              <th scope="col">Created</th>
            </tr>
          </thead>
          <tbody>
            {incidents.data.map(({ id, properties }) => (
              <tr key={id}>
                <td>{properties.severity}</td>
                <td>{properties.title}</td>
                <td>{properties.incidentNumber}</td>
                <td>{properties.status}</td>
                <td>
                  <Instant value={properties.createdTimeUtc} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </>
  );
}
