// Deployments of ARM templates: what was deployed and how it went, and a template deployed from here.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { path } from "~/api/arm";
import { useActions, useScope } from "~/keys/useKeys";
import { Gated, useGuard } from "~/parts/gated";
import { useList, type ListColumn } from "~/parts/list";
import { ListDetail } from "~/parts/ListDetail";
import { Instant } from "~/parts/time";
import { done, failed } from "~/parts/toast";
import { useParameter } from "~/shell/address";
import { usePlace } from "~/shell/place";
import { CANCEL, cancel, deploymentsIn, listDeployments, WRITE, type Deployment, type Scope } from "./deployment";
import { DeploymentDetail, State } from "./DeploymentDetail";
import { DEPLOYMENTS } from "./keys";
import { NewDeployment } from "./NewDeployment";
import "./deployments.css";

const COLUMNS: readonly ListColumn<Deployment>[] = [
  { key: "name", title: "Name", width: 300, cell: ({ name }) => name, sort: ({ name }) => name },
  {
    key: "state",
    title: "State",
    width: 110,
    cell: ({ properties }) => <State of={properties.provisioningState} />,
    sort: ({ properties }) => properties.provisioningState,
  },
  { key: "mode", title: "Mode", width: 100, cell: ({ properties }) => properties.mode },
  {
    key: "at",
    title: "At",
    width: 170,
    cell: ({ properties }) => <Instant value={properties.timestamp} />,
    sort: ({ properties }) => properties.timestamp ?? "",
  },
];

const RUNNING = new Set(["Accepted", "Running"]);

export default function DeploymentsPage() {
  useScope(DEPLOYMENTS);
  const place = usePlace();
  const client = useQueryClient();
  const guard = useGuard();
  const [scope, setScope] = useParameter("scope", "group");
  const [isNew, setIsNew] = useState(false);
  const at = (scope === "subscription" ? "subscription" : "group") satisfies Scope;
  const key = ["deployments", place.workspace.id, at];
  const asked = useQuery({
    queryKey: key,
    queryFn: ({ signal }) => listDeployments(place.arm, place.workspace, at, signal),
    // One that runs is looked at again until it has ended.
    refetchInterval: ({ state }) =>
      state.data?.some((each) => RUNNING.has(each.properties.provisioningState)) ? 2000 : false,
  });
  const list = useList({
    items: asked.data,
    columns: COLUMNS,
    order: "-at",
    keyOf: ({ name }) => name,
    textOf: ({ name, properties }) => `${name} ${properties.provisioningState} ${properties.error?.code ?? ""}`,
  });
  const { current } = list;
  const canCancel = current !== undefined && RUNNING.has(current.properties.provisioningState);
  const stop = (): void => {
    if (!current || !canCancel) return;
    guard(CANCEL, () => {
      cancel(place.arm, current.id).then(
        () => done(`${current.name} is being cancelled; what is done stays done.`),
        (error: unknown) => failed(`${current.name} was not cancelled.`, error),
      );
    });
  };
  useActions({ "deployments.new": () => guard(WRITE, () => setIsNew(true)), "deployments.cancel": stop });
  return (
    <>
      <ListDetail
        title="Deployments"
        list={list}
        asked={asked}
        call={path(deploymentsIn(place.workspace, at), "Microsoft.Resources/deployments")}
        empty={{
          what: `No template was deployed to this ${at === "group" ? "resource group" : "subscription"} yet.`,
          how:
            at === "group"
              ? `az deployment group create --resource-group ${place.workspace.resourceGroup} --template-file rules.json`
              : `az deployment sub create --location ${place.workspace.location} --template-file everything.json`,
        }}
        filters={
          <label>
            <span className="hidden-text">Scope</span>
            <select value={at} onChange={(event) => setScope(event.target.value)}>
              <option value="group">Resource group {place.workspace.resourceGroup}</option>
              <option value="subscription">Subscription</option>
            </select>
          </label>
        }
        buttons={
          <>
            <Gated action={CANCEL} disabled={!canCancel} onClick={stop}>
              Cancel
            </Gated>
            <Gated action={WRITE} className="primary" onClick={() => setIsNew(true)}>
              Deploy a template
            </Gated>
          </>
        }
        detail={(deployment) => <DeploymentDetail deployment={deployment} />}
      />
      {isNew && (
        <NewDeployment
          scope={at}
          close={() => setIsNew(false)}
          deployed={() => {
            setIsNew(false);
            void client.invalidateQueries({ queryKey: key });
          }}
        />
      )}
    </>
  );
}
