// Who am I and what may I do; how the console looks; its keys; what it is.
import { useQuery } from "@tanstack/react-query";
import { useId, useRef, useState } from "react";
import { isGranted } from "~/api/permissions";
import { rolesOf } from "~/api/roles";
import { KeyList } from "~/keys/KeyList";
import { SCOPES } from "~/keys/scopes";
import { messageOf } from "~/api/errors";
import { Failed, Loading } from "~/parts/states";
import { Tabs } from "~/parts/tabs";
import { download } from "~/parts/download";
import { done, failed } from "~/parts/toast";
import { prefer, reread, usePreferences, type Preferences } from "~/session/preferences";
import { useParameter } from "~/shell/address";
import { usePlace } from "~/shell/place";
import { exported, imported } from "./preferencesFile";
import "./settings.css";

const TABS = [
  { key: "you", label: "You" },
  { key: "look", label: "Look" },
  { key: "keys", label: "Keys" },
  { key: "about", label: "About" },
];

export default function SettingsPage() {
  const [tab, setTab] = useParameter("tab", "you");
  return (
    <div className="settings">
      <h1>Settings</h1>
      <Tabs label="Settings" tabs={TABS} chosen={tab} choose={setTab}>
        {tab === "look" ? (
          <Look />
        ) : tab === "keys" ? (
          <KeyList scopes={SCOPES} heading="h2" />
        ) : tab === "about" ? (
          <About />
        ) : (
          <You />
        )}
      </Tabs>
    </div>
  );
}

function You() {
  const { session, arm, workspace, permissions } = usePlace();
  const { person, config } = session;
  const roles = useQuery({
    queryKey: ["roles", workspace.id, person.objectId],
    queryFn: ({ signal }) => rolesOf(arm, workspace.id, person.objectId, signal),
    enabled: person.objectId !== "",
  });
  return (
    <>
      <dl className="pairs">
        <dt>Name</dt>
        <dd>{person.name}</dd>
        <dt>User principal name</dt>
        <dd>{person.userPrincipalName || "–"}</dd>
        <dt>Object id</dt>
        <dd className="mono">{person.objectId || "–"}</dd>
        <dt>Tenant</dt>
        <dd className="mono">{config.tenantId}</dd>
        <dt>Workspace</dt>
        <dd className="mono">{workspace.id}</dd>
        <dt>Workspace id</dt>
        <dd className="mono">{workspace.customerId}</dd>
      </dl>
      <h2>Roles on {workspace.name}</h2>
      {person.objectId === "" && (
        <p className="state">This server takes any caller, as its first client, which is Owner.</p>
      )}
      {roles.isError && <Failed error={roles.error} again={() => void roles.refetch()} />}
      {roles.isLoading && <Loading what="roles" />}
      {roles.data?.length === 0 && <p className="state">No role is held here.</p>}
      {roles.data && roles.data.length > 0 && (
        <table>
          <thead>
            <tr>
              <th scope="col">Role</th>
              <th scope="col">Given at</th>
            </tr>
          </thead>
          <tbody>
            {roles.data.map((each) => (
              <tr key={each.id}>
                <td>{each.role}</td>
                <td className="mono">
                  {each.scope}
                  {each.byGroup && <span className="faint"> by a group</span>}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <h2>What you may do here</h2>
      {permissions === undefined ? <Loading what="permissions" /> : <MayI />}
    </>
  );
}

const COMMON = [
  "Microsoft.OperationalInsights/workspaces/query/read",
  "Microsoft.SecurityInsights/incidents/read",
  "Microsoft.SecurityInsights/incidents/write",
  "Microsoft.SecurityInsights/incidents/comments/write",
  "Microsoft.SecurityInsights/incidents/tasks/write",
  "Microsoft.SecurityInsights/incidents/runPlaybook/action",
  "Microsoft.SecurityInsights/alertRules/write",
  "Microsoft.SecurityInsights/automationRules/write",
  "Microsoft.SecurityInsights/bookmarks/write",
  "Microsoft.SecurityInsights/watchlists/write",
  "Microsoft.SecurityInsights/threatIntelligence/indicators/write",
  "Microsoft.SecurityInsights/dataConnectors/write",
  "Microsoft.OperationalInsights/workspaces/savedSearches/write",
  "Microsoft.OperationalInsights/workspaces/sharedKeys/action",
  "Microsoft.Insights/workbooks/write",
  "Microsoft.Logic/workflows/triggers/run/action",
  "Microsoft.Resources/deployments/write",
];

function MayI() {
  const { permissions } = usePlace();
  const [asked, setAsked] = useState("");
  const id = useId();
  const actions = asked.trim()
    ? [asked.trim(), ...COMMON.filter((each) => each.toLowerCase().includes(asked.trim().toLowerCase()))]
    : COMMON;
  return (
    <>
      <p className="row">
        <label htmlFor={id}>An action</label>
        <input
          id={id}
          value={asked}
          size={60}
          placeholder="Microsoft.SecurityInsights/incidents/write"
          onChange={(event) => setAsked(event.target.value)}
        />
      </p>
      <table className="may">
        <tbody>
          {[...new Set(actions)].map((action) => {
            const may = isGranted(permissions ?? [], action);
            return (
              <tr key={action}>
                <th scope="row" className="mono">
                  {action}
                </th>
                <td className={may ? "good" : "bad"}>{may ? "yes" : "no"}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </>
  );
}

type Choices = { readonly [Name in keyof Preferences]: readonly (readonly [Preferences[Name], string])[] };

const CHOICES: Choices = {
  theme: [
    ["system", "As the system"],
    ["light", "Light"],
    ["dark", "Dark"],
  ],
  density: [
    ["compact", "Compact"],
    ["comfortable", "Comfortable"],
  ],
  zone: [
    ["utc", "UTC"],
    ["local", "Local time, with its offset"],
  ],
};
const TITLES: Readonly<Record<keyof Preferences, string>> = { theme: "Colours", density: "Rows", zone: "Times" };

function Look() {
  const chosen = usePreferences();
  const file = useRef<HTMLInputElement>(null);
  const bringIn = async (from: File | undefined): Promise<void> => {
    if (!from) return;
    try {
      const count = imported(await from.text(), localStorage);
      reread();
      done(`${count} settings brought in`);
    } catch (error) {
      failed(`${from.name} was not brought in.`, new Error(messageOf(error)));
    }
  };
  return (
    <>
      {(Object.keys(CHOICES) as (keyof Preferences)[]).map((name) => (
        <fieldset key={name}>
          <legend>{TITLES[name]}</legend>
          {CHOICES[name].map(([value, label]) => (
            <label key={value}>
              <input
                type="radio"
                name={name}
                checked={chosen[name] === value}
                onChange={() => prefer({ [name]: value })}
              />{" "}
              {label}
            </label>
          ))}
        </fieldset>
      ))}
      <p className="row">
        <button
          type="button"
          onClick={() => download("vedette-settings.json", "application/json", exported(localStorage))}
        >
          Export settings
        </button>
        <button type="button" onClick={() => file.current?.click()}>
          Import settings …
        </button>
        <input
          ref={file}
          type="file"
          accept="application/json"
          aria-label="A file of settings"
          hidden
          onChange={(event) => void bringIn(event.target.files?.[0])}
        />
      </p>
      <p className="faint">Settings, saved views and drafts stay in this browser; the server has none of them.</p>
    </>
  );
}

function About() {
  const { config } = usePlace().session;
  return (
    <>
      <dl className="pairs">
        <dt>Vedette</dt>
        <dd>{config.version}</dd>
        <dt>Signs in at</dt>
        <dd className="mono">
          {config.signIn === "none" ? "nowhere: this server takes any caller" : config.authority}
        </dd>
        <dt>Clock</dt>
        <dd>{config.virtualClock ? "virtual: it moves when it is told" : "the machine's"}</dd>
      </dl>
      <p>
        Vedette is licensed under Apache-2.0.{" "}
        <a href="/console/THIRD_PARTY.txt">The licences of what the console is made of</a>
      </p>
      <p className="faint">
        Vedette is not affiliated with Microsoft; Azure and Sentinel are Microsoft’s trademarks. The console asks this
        server alone.
      </p>
    </>
  );
}
