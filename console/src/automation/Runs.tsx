// The runs of a playbook, and the steps of one with what each was given and what it gave.
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Failed, Loading } from "~/parts/states";
import { ageText, Instant } from "~/parts/time";
import { usePlace } from "~/shell/place";
import type { Playbook, Run, Step } from "./usePlaybooks";

const SHOWN = 30;

export function runClass(status: string): string {
  if (status === "Succeeded") return "good";
  return ["Failed", "TimedOut", "Aborted"].includes(status) ? "bad" : "faint";
}

export function Runs({ playbook }: { playbook: Playbook }) {
  const { arm } = usePlace();
  const [open, setOpen] = useState("");
  const asked = useQuery({
    queryKey: ["runs", playbook.id],
    queryFn: ({ signal }) => arm.list<Run>(`${playbook.id}/runs`, "Microsoft.Logic", { $top: SHOWN }, signal, SHOWN),
  });
  return (
    <>
      <h3>Runs</h3>
      {asked.isPending && <Loading what="runs" />}
      {asked.isError && <Failed error={asked.error} again={() => void asked.refetch()} />}
      {asked.data?.length === 0 && <p className="faint">It has not run yet.</p>}
      <ul className="runs">
        {asked.data?.map((run) => (
          <li key={run.name}>
            <button
              type="button"
              className="plain"
              aria-expanded={open === run.name}
              onClick={() => setOpen(open === run.name ? "" : run.name)}
            >
              <span className={runClass(run.properties.status)}>{run.properties.status}</span>{" "}
              <Instant value={run.properties.startTime} />
              <span className="faint"> {tookText(run.properties)}</span>
            </button>
            {run.properties.error?.message && <div className="bad">{run.properties.error.message}</div>}
            {open === run.name && <Steps run={run} />}
          </li>
        ))}
      </ul>
    </>
  );
}

function tookText({ startTime, endTime }: { startTime: string; endTime?: string }): string {
  if (!endTime) return "is running";
  const took = new Date(endTime).getTime() - new Date(startTime).getTime();
  return took < 1000 ? `${took} ms` : ageText(took);
}

function Steps({ run }: { run: Run }) {
  const { arm } = usePlace();
  const asked = useQuery({
    queryKey: ["steps", run.id],
    queryFn: ({ signal }) => arm.list<Step>(`${run.id}/actions`, "Microsoft.Logic", {}, signal),
  });
  if (asked.isPending) return <Loading what="steps" />;
  if (asked.isError) return <Failed error={asked.error} again={() => void asked.refetch()} />;
  const steps = [...asked.data].sort((a, b) => a.properties.startTime.localeCompare(b.properties.startTime));
  return (
    <ol className="steps" aria-label={`Steps of the run ${run.name}`}>
      {steps.map(({ name, properties }) => (
        <li key={name}>
          <span className={runClass(properties.status)}>{properties.status}</span> {name}
          <span className="faint">
            {" "}
            {properties.code} {tookText(properties)}
          </span>
          {properties.error?.message && <div className="bad">{properties.error.message}</div>}
          {properties.inputsLink && <Content label={`Inputs of ${name}`} uri={properties.inputsLink.uri} />}
          {properties.outputsLink && <Content label={`Outputs of ${name}`} uri={properties.outputsLink.uri} />}
        </li>
      ))}
    </ol>
  );
}

function Content({ label, uri }: { label: string; uri: string }) {
  const { send } = usePlace();
  const [isOpen, setOpen] = useState(false);
  const url = new URL(uri, location.origin);
  const asked = useQuery({
    queryKey: ["content", uri],
    enabled: isOpen,
    queryFn: async ({ signal }) => (await send({ audience: "arm", path: url.pathname + url.search, signal })).body,
  });
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{label}</summary>
      {asked.isError && <Failed error={asked.error} />}
      {asked.data !== undefined && <pre className="codebox">{JSON.stringify(asked.data, null, 2)}</pre>}
    </details>
  );
}
