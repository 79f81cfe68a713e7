// What an indicator says, and in which tables its values were seen.
import { useQuery } from "@tanstack/react-query";
import { askRows } from "~/api/kql";
import { Chips, Code, Facts, Raw } from "~/parts/facts";
import { Markdown } from "~/parts/Markdown";
import { Failed } from "~/parts/states";
import { Instant } from "~/parts/time";
import { usePlace } from "~/shell/place";
import { seenQuery, type Indicator } from "./indicator";

export function IndicatorDetail({ indicator, openQuery }: { indicator: Indicator; openQuery: () => void }) {
  const { properties } = indicator;
  return (
    <>
      <h2>{properties.displayName ?? "Indicator"}</h2>
      {properties.description && <Markdown text={properties.description} />}
      <Chips of={properties.threatIntelligenceTags} />
      <Code text={properties.pattern} />
      <Facts
        of={[
          ["State", properties.revoked ? <span className="bad">revoked</span> : "not revoked"],
          ["Confidence", properties.confidence === undefined ? undefined : String(properties.confidence)],
          ["Threats", properties.threatTypes?.join(", ")],
          ["Kill chain", properties.killChainPhases?.map(({ killChainName, phaseName }) => `${killChainName}: ${phaseName}`).join(", ")], // prettier-ignore
          ["Valid from", properties.validFrom && <Instant value={properties.validFrom} />],
          ["Valid until", properties.validUntil ? <Instant value={properties.validUntil} /> : "no end"],
          ["Source", properties.source],
          ["Id", properties.externalId],
          ["Changed", properties.lastUpdatedTimeUtc && <Instant value={properties.lastUpdatedTimeUtc} />],
        ]}
      />
      <h3>Seen, 14 days</h3>
      <Seen indicator={indicator} />
      <p>
        <button type="button" onClick={openQuery}>
          Its rows <kbd>o</kbd>
        </button>
      </p>
      <Raw value={indicator} />
    </>
  );
}

function Seen({ indicator }: { indicator: Indicator }) {
  const place = usePlace();
  const asked = useQuery({
    queryKey: ["indicatorSeen", place.workspace.id, indicator.name, indicator.properties.pattern],
    staleTime: 60_000,
    queryFn: ({ signal }) =>
      askRows(place, {
        query: `${seenQuery(indicator.properties)}\n| summarize Rows = count(), Last = max(TimeGenerated) by Table\n| order by Rows desc`,
        timespan: "P14D",
        signal,
      }),
  });
  if (asked.isPending) return <p className="faint">Looking …</p>;
  if (asked.isError) return <Failed error={asked.error} again={() => void asked.refetch()} />;
  if (asked.data.length === 0) return <p className="faint">In no table.</p>;
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">Table</th>
          <th scope="col">Rows</th>
          <th scope="col">Last</th>
        </tr>
      </thead>
      <tbody>
        {asked.data.map((row) => (
          <tr key={String(row["Table"])}>
            <td>{String(row["Table"])}</td>
            <td>{String(row["Rows"])}</td>
            <td>
              <Instant value={String(row["Last"])} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
