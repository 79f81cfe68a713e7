// Playbooks with their last runs: run one on an incident, see the steps of a run, enable and disable.
import { useQueryClient } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { useIncidentChoices } from "~/bookmarks/IncidentChoice";
import { useActions, useScope } from "~/keys/useKeys";
import { Facts, Raw } from "~/parts/facts";
import { Gated, useGuard } from "~/parts/gated";
import { useList, type ListColumn } from "~/parts/list";
import { ListDetail } from "~/parts/ListDetail";
import { Picker } from "~/parts/picker";
import { Instant } from "~/parts/time";
import { done, failed } from "~/parts/toast";
import { usePlace } from "~/shell/place";
import { PLAYBOOKS } from "./keys";
import { Runs, runClass } from "./Runs";
import { beginsWith, useLastRuns, usePlaybooks, type Playbook } from "./usePlaybooks";

const RUN = "Microsoft.SecurityInsights/incidents/runPlaybook/action";
const SWITCH = "Microsoft.Logic/workflows/write";

export function Playbooks() {
  const { arm, workspace, sentinel, session } = usePlace();
  const client = useQueryClient();
  const guard = useGuard();
  const asked = usePlaybooks();
  const last = useLastRuns(asked.data).data;
  const [isChoosing, setChoosing] = useState(false);
  const columns = useMemo(
    (): readonly ListColumn<Playbook>[] => [
      { key: "name", title: "Name", width: 230, cell: ({ name }) => name, sort: ({ name }) => name },
      { key: "begins", title: "Begins with", width: 110, cell: beginsWith, sort: beginsWith },
      {
        key: "state",
        title: "State",
        width: 90,
        cell: ({ properties }) =>
          properties.state === "Disabled" ? <span className="faint">○ off</span> : <span className="good">● on</span>,
      },
      {
        key: "last",
        title: "Last run",
        width: 260,
        cell: ({ id }) => {
          const run = last?.get(id)?.properties;
          if (!run) return <span className="faint">–</span>;
          return (
            <>
              <span className={runClass(run.status)}>{run.status}</span> <Instant value={run.startTime} />
            </>
          );
        },
        sort: ({ id }) => last?.get(id)?.properties.startTime ?? "",
      },
    ],
    [last],
  );
  const list = useList({
    items: asked.data,
    columns,
    order: "name",
    keyOf: ({ name }) => name,
    textOf: ({ name, properties }) => `${name} ${Object.keys(properties.definition?.actions ?? {}).join(" ")}`,
  });
  const { current } = list;
  const canRun = current !== undefined && beginsWith(current) === "incident";
  const choose = (): void => {
    if (canRun) guard(RUN, () => setChoosing(true));
  };
  const again = (): void => {
    void client.invalidateQueries({ queryKey: ["playbooks", workspace.subscriptionId] });
    void client.invalidateQueries({ queryKey: ["lastRuns"] });
    void client.invalidateQueries({ queryKey: ["runs"] });
  };
  const run = async (incident: string): Promise<void> => {
    if (!current) return;
    try {
      await arm.post(`${sentinel}/incidents/${incident}/runPlaybook`, "Microsoft.SecurityInsights", {
        logicAppsResourceId: current.id,
        tenantId: session.config.tenantId,
      });
      done(`${current.name} was started`);
    } catch (error) {
      failed(`${current.name} was not started.`, error);
    }
    again();
  };
  const enable = (): void =>
    guard(SWITCH, () => {
      if (!current) return;
      const verb = current.properties.state === "Disabled" ? "enable" : "disable";
      arm.post(`${current.id}/${verb}`, "Microsoft.Logic").then(
        () => {
          done(`${current.name} is ${verb}d`);
          again();
        },
        (error: unknown) => failed(`${current.name} stays as it is.`, error),
      );
    });
  useScope(PLAYBOOKS);
  useActions({ "playbooks.run": choose, "playbooks.enable": enable });
  return (
    <>
      <ListDetail
        title="Playbooks"
        heading={false}
        list={list}
        asked={{ ...asked, refetch: again }}
        call={`/subscriptions/${workspace.subscriptionId}/providers/Microsoft.Logic/workflows?api-version=2019-05-01`}
        empty={{
          what: "No playbook that you may read (Microsoft.Logic/workflows/read). They are Logic Apps workflows, and come by a template:",
          how: `az deployment group create --resource-group ${workspace.resourceGroup} --template-file playbook.json`,
        }}
        buttons={
          <>
            <Gated
              action={RUN}
              disabled={!canRun}
              title={canRun ? undefined : "Only a playbook that begins with an incident can be run on one."}
              onClick={choose}
            >
              Run on an incident <kbd>r</kbd>
            </Gated>
            <Gated action={SWITCH} disabled={!current} onClick={enable}>
              On or off <kbd>e</kbd>
            </Gated>
          </>
        }
        detail={(playbook) => (
          <>
            <h2>{playbook.name}</h2>
            <Facts
              of={[
                ["Begins with", beginsWith(playbook)],
                ["State", playbook.properties.state],
                ["Steps", Object.keys(playbook.properties.definition?.actions ?? {}).join(", ")],
                ["Changed", <Instant key="changed" value={playbook.properties.changedTime} />],
              ]}
            />
            <Runs playbook={playbook} />
            <Raw value={playbook} />
          </>
        )}
      />
      {isChoosing && current && (
        <Chooser title={current.name} choose={(name) => void run(name)} close={() => setChoosing(false)} />
      )}
    </>
  );
}

function Chooser(props: { title: string; choose: (incident: string) => void; close: () => void }) {
  return (
    <Picker
      title={`Incident for ${props.title}`}
      choices={useIncidentChoices()}
      choose={({ key }) => props.choose(key)}
      close={props.close}
    />
  );
}
