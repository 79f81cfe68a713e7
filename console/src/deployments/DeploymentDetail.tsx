// One deployment: its facts, its operations as a tree over nested deployments, and its errors as they are nested.
import { useQuery } from "@tanstack/react-query";
import { Facts, Raw } from "~/parts/facts";
import { Failed, Loading } from "~/parts/states";
import { Instant } from "~/parts/time";
import { usePlace } from "~/shell/place";
import { listOperations, type Deployment, type ErrorInfo, type Operation } from "./deployment";

const TONES: Readonly<Record<string, string>> = { Succeeded: "good", Failed: "bad", Canceled: "warn", Running: "warn" };

export function State({ of }: { of: string }) {
  return <span className={TONES[of]}>{of}</span>;
}

export function DeploymentDetail({ deployment }: { deployment: Deployment }) {
  const { properties } = deployment;
  const outputs = Object.entries(properties.outputs ?? {});
  const parameters = Object.entries(properties.parameters ?? {});
  return (
    <>
      <h2>{deployment.name}</h2>
      <Facts
        of={[
          ["State", <State key="state" of={properties.provisioningState} />],
          ["Mode", properties.mode],
          ["At", <Instant key="at" value={properties.timestamp} />],
          ["Took", properties.duration],
          ["Correlation id", properties.correlationId],
        ]}
      />
      {properties.error && <Errors error={properties.error} />}
      <h3>Operations</h3>
      <Operations id={deployment.id} state={properties.provisioningState} depth={0} />
      <Values title="Parameters" of={parameters} />
      <Values title="Outputs" of={outputs} />
      <Raw value={deployment} />
    </>
  );
}

function Values({ title, of }: { title: string; of: readonly (readonly [string, { value?: unknown }])[] }) {
  if (of.length === 0) return null;
  return (
    <>
      <h3>{title}</h3>
      <Facts
        of={of.map(([name, { value }]) => [
          name,
          value === undefined ? <span className="faint">not shown</span> : <code>{JSON.stringify(value)}</code>,
        ])}
      />
    </>
  );
}

export function Errors({ error }: { error: ErrorInfo }) {
  return (
    <ul className="errors">
      <li>
        <strong className="bad">{error.code}</strong> {error.message}
        {error.details?.map((each, at) => (
          <Errors key={at} error={each} />
        ))}
      </li>
    </ul>
  );
}

const NESTED = "microsoft.resources/deployments";
const DEEPEST = 5;

function Operations({ id, state, depth }: { id: string; state: string; depth: number }) {
  const { arm } = usePlace();
  const asked = useQuery({
    queryKey: ["operations", id, state],
    queryFn: ({ signal }) => listOperations(arm, id, signal),
    refetchInterval: state === "Running" ? 2000 : false,
  });
  if (asked.isPending) return <Loading what="operations" />;
  if (asked.isError) return <Failed error={asked.error} again={() => void asked.refetch()} />;
  const shown = asked.data.filter((each) => each.properties.targetResource);
  if (shown.length === 0) return <p className="faint">It has none.</p>;
  return (
    <ul className="operations">
      {shown.map((each) => (
        <li key={each.operationId}>
          <OperationLine operation={each} />
          {each.properties.targetResource?.resourceType.toLowerCase() === NESTED && depth < DEEPEST && (
            <Operations
              id={each.properties.targetResource.id}
              state={each.properties.provisioningState}
              depth={depth + 1}
            />
          )}
        </li>
      ))}
    </ul>
  );
}

function OperationLine({ operation }: { operation: Operation }) {
  const { properties } = operation;
  const message = properties.statusMessage;
  const error = typeof message === "object" && message !== null ? message.error : undefined;
  return (
    <>
      <State of={properties.provisioningState} /> <strong>{properties.targetResource?.resourceName}</strong>{" "}
      <span className="faint">
        {properties.targetResource?.resourceType} {properties.duration}
      </span>
      {error && <Errors error={error} />}
    </>
  );
}
