// A dry run: which conditions of a rule hold for a chosen incident, and what the rule would do with it. Nothing is written.
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { Resource } from "~/api/arm";
import { useIncidentChoices } from "~/bookmarks/IncidentChoice";
import { Dialog } from "~/parts/dialog";
import { Failed, Loading } from "~/parts/states";
import { matching } from "~/parts/picker";
import { usePlace } from "~/shell/place";
import { checkAll, effects, type Checked, type Holds, type IncidentProperties } from "./dryRun";
import { PROVIDER, type AutomationRule } from "./rule";

export default function DryRun({ rule, close }: { rule: AutomationRule; close: () => void }) {
  const [incident, setIncident] = useState("");
  const [typed, setTyped] = useState("");
  const choices = useIncidentChoices();
  const shown = matching(choices, typed);
  const chosen = incident || shown[0]?.key;
  return (
    <Dialog title={`Dry run of “${rule.properties.displayName}”`} close={close} wide>
      <div className="form">
        <p className="faint">
          Worked out in this browser from the incident, its alerts and its entities as the API shows them now. Nothing
          is changed and nothing is run.
        </p>
        <div className="row">
          <input
            type="search"
            aria-label="Search an incident"
            placeholder="Title or number"
            value={typed}
            onChange={(event) => {
              setTyped(event.target.value);
              setIncident("");
            }}
          />
          <select aria-label="Incident" value={chosen ?? ""} onChange={(event) => setIncident(event.target.value)}>
            {shown.map(({ key, label, hint }) => (
              <option key={key} value={key}>
                {label} ({hint})
              </option>
            ))}
          </select>
        </div>
        {chosen ? <Outcome rule={rule} incident={chosen} /> : <p>There is no incident with these words.</p>}
        <div>
          <button type="button" onClick={close}>
            Close
          </button>
        </div>
      </div>
    </Dialog>
  );
}

function Outcome({ rule, incident }: { rule: AutomationRule; incident: string }) {
  const { arm, sentinel } = usePlace();
  const asked = useQuery({
    queryKey: ["dryRun", sentinel, incident],
    queryFn: async ({ signal }) => {
      const id = `${sentinel}/incidents/${incident}`;
      const [found, alerts, entities] = await Promise.all([
        arm.get<Resource<IncidentProperties>>(id, PROVIDER, signal),
        arm.post<{ value: readonly Resource[] }>(`${id}/alerts`, PROVIDER, {}, signal),
        arm.post<{ entities: readonly Resource[] }>(`${id}/entities`, PROVIDER, {}, signal),
      ]);
      return { incident: found.properties, alerts: alerts.value, entities: entities.entities };
    },
  });
  if (asked.isPending) return <Loading what="the incident" />;
  if (asked.isError) return <Failed error={asked.error} again={() => void asked.refetch()} />;
  const { holds, conditions } = checkAll(rule.properties, asked.data);
  const would = effects(rule.properties, asked.data.incident);
  const { triggeringLogic } = rule.properties;
  return (
    <>
      <p>
        <Mark holds={holds} />{" "}
        <strong>
          {holds === true && "The conditions hold: the rule would act."}
          {holds === false && "The conditions do not hold: the rule would do nothing."}
          {holds === undefined && "It depends on the change that starts the rule, which is not known beforehand."}
        </strong>
        {!triggeringLogic.isEnabled && <span className="warn"> The rule is off.</span>}
        {triggeringLogic.triggersOn === "Alerts" && (
          <span className="warn"> It is for alerts; these are the incident’s alerts together.</span>
        )}
      </p>
      <h3>Conditions</h3>
      {conditions.length === 0 ? <p>None: it holds for all.</p> : <Tree of={conditions} />}
      <h3>It would</h3>
      {would.length === 0 ? (
        <p>Leave the incident as it is.</p>
      ) : (
        <table>
          <thead>
            <tr>
              <th scope="col">What</th>
              <th scope="col">Now</th>
              <th scope="col">Then</th>
            </tr>
          </thead>
          <tbody>
            {would.map((effect, at) => (
              <tr key={at}>
                <td>{effect.what}</td>
                <td>{effect.before ?? <span className="faint">–</span>}</td>
                <td>{effect.after}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </>
  );
}

function Tree({ of }: { of: readonly Checked[] }) {
  return (
    <ul className="checked">
      {of.map((each, at) => (
        <li key={at}>
          <Mark holds={each.holds} /> {each.text}
          {each.inner.length === 0 && (
            <div className="faint">
              {each.found.length > 0 ? `It has ${each.found.slice(0, 8).join(", ")}.` : "It has nothing for this."}
            </div>
          )}
          {each.inner.length > 0 && <Tree of={each.inner} />}
        </li>
      ))}
    </ul>
  );
}

function Mark({ holds }: { holds: Holds }) {
  if (holds === undefined) return <span className="warn">? open</span>;
  return holds ? <span className="good">✓ holds</span> : <span className="bad">✗ does not</span>;
}
