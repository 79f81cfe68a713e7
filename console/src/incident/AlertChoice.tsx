// Which of an incident's alerts the evidence and the reasons are of; it is in the address.
import { useCallback } from "react";
import type { Incident } from "~/incidents/incident";
import { Empty, Failed, Loading } from "~/parts/states";
import { useParameter } from "~/shell/address";
import type { Alert } from "./model";
import { usePart } from "./queries";

const NONE: readonly Alert[] = [];

export function useAlert(incident: Incident): {
  alert: Alert | undefined;
  alerts: readonly Alert[];
  choose: (alert: Alert | undefined) => void;
} {
  const alerts = usePart(incident.id, "alerts").data ?? NONE;
  const [name, setName] = useParameter("alert");
  const choose = useCallback((alert: Alert | undefined) => alert && setName(alert.name), [setName]);
  return { alert: alerts.find((each) => each.name === name) ?? alerts[0], alerts, choose };
}

export function AlertChoice(props: {
  incident: Incident;
  alerts: readonly Alert[];
  alert: Alert | undefined;
  choose: (alert: Alert | undefined) => void;
}) {
  const { alerts, alert } = props;
  const state = usePart(props.incident.id, "alerts");
  if (state.isPending) return <Loading what="alerts" />;
  if (state.isError) return <Failed error={state.error} again={() => void state.refetch()} />;
  if (!alert)
    return (
      <Empty
        what="No alert is in the incident: somebody made it. An alert is put into it by its id:"
        how={`az rest --method put --url "${props.incident.id}/relations/<new guid>?api-version=2024-01-01-preview" --body '{"properties":{"relatedResourceId":"<id of the alert>"}}'`}
      />
    );
  if (alerts.length === 1) return null;
  return (
    <p className="row">
      <select
        className="grow"
        aria-label="Alert"
        value={alert.name}
        onChange={(event) => props.choose(alerts.find((each) => each.name === event.target.value))}
      >
        {alerts.map((each) => (
          <option key={each.id} value={each.name}>
            {each.properties.severity} · {each.properties.startTimeUtc?.slice(0, 19).replace("T", " ")}Z ·{" "}
            {each.properties.alertDisplayName}
          </option>
        ))}
      </select>
      <small className="faint">
        {alerts.indexOf(alert) + 1} of {alerts.length} · <kbd>n</kbd> next
      </small>
    </p>
  );
}
