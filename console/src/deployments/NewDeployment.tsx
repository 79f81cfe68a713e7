// A template deployed from here: its text or file, its parameters, what it would change, and then the deployment.
import { useState } from "react";
import { ApiError, messageOf } from "~/api/errors";
import { Dialog } from "~/parts/dialog";
import { TextField } from "~/parts/form";
import { Gated } from "~/parts/gated";
import { Failed } from "~/parts/states";
import { done } from "~/parts/toast";
import { usePlace } from "~/shell/place";
import { deploy, readParameters, validate, whatIf, WRITE, type Change, type Request, type Scope } from "./deployment";
import { WhatIf } from "./WhatIf";

const LARGEST = 4_000_000; // bytes that the management API takes

export function NewDeployment({ scope, close, deployed }: { scope: Scope; close: () => void; deployed: () => void }) {
  const { arm, workspace } = usePlace();
  const [name, setName] = useState(() => `console-${new Date().toISOString().replaceAll(/[-:]|\.\d+/g, "")}`);
  const [template, setTemplate] = useState("");
  const [parameters, setParameters] = useState("");
  const [mode, setMode] = useState<Request["mode"]>("Incremental");
  const [changes, setChanges] = useState<readonly Change[]>();
  const [told, setTold] = useState("");
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState("");

  const act = async (what: string, work: (request: Request) => Promise<void>): Promise<void> => {
    setBusy(what);
    setError(undefined);
    setTold("");
    try {
      await work({
        name,
        scope,
        mode,
        template: read("The template", template),
        parameters: readParameters(parameters),
      });
    } catch (problem) {
      setError(problem instanceof ApiError ? problem : new Error(messageOf(problem)));
    } finally {
      setBusy("");
    }
  };
  const take = async (file: File | undefined, set: (text: string) => void): Promise<void> => {
    if (!file) return;
    if (file.size > LARGEST) setError(new Error(`${file.name} is larger than the 4 MB that a deployment may be.`));
    else set(await file.text());
  };
  return (
    <Dialog
      title={`Deploy a template to ${scope === "group" ? workspace.resourceGroup : "the subscription"}`}
      close={close}
      wide
    >
      <TextField label="Name" value={name} set={setName} required most={64} />
      <TextField label="Template" value={template} set={setTemplate} lines={10} mono required />
      <FileChoice label="Template from a file" take={(file) => void take(file, setTemplate)} />
      <TextField
        label="Parameters"
        value={parameters}
        set={setParameters}
        lines={4}
        mono
        hint='A parameters file, or plainly {"workspace": "soc"}. Without any, the defaults are taken.'
      />
      <FileChoice label="Parameters from a file" take={(file) => void take(file, setParameters)} />
      {scope === "group" && (
        <label className="row">
          <input
            type="checkbox"
            checked={mode === "Complete"}
            onChange={(event) => setMode(event.target.checked ? "Complete" : "Incremental")}
          />
          Complete: delete what the group has and the template has not
        </label>
      )}
      {error !== undefined && <Failed error={error} />}
      {told && (
        <p className="good" role="status">
          {told}
        </p>
      )}
      {changes && <WhatIf changes={changes} />}
      <p className="row">
        <Gated
          action={WRITE}
          disabled={busy !== ""}
          onClick={() =>
            void act("validate", async (request) => {
              await validate(arm, workspace, request);
              setTold("The template is valid, and everything in it is permitted.");
            })
          }
        >
          {busy === "validate" ? "Validating …" : "Validate"}
        </Gated>
        <Gated
          action={WRITE}
          disabled={busy !== ""}
          onClick={() => void act("whatIf", async (request) => setChanges(await whatIf(arm, workspace, request)))}
        >
          {busy === "whatIf" ? "Looking …" : "What if"}
        </Gated>
        <Gated
          action={WRITE}
          className="primary"
          disabled={busy !== ""}
          onClick={() =>
            void act("deploy", async (request) => {
              await deploy(arm, workspace, request);
              done(`${request.name} is being deployed`);
              deployed();
            })
          }
        >
          {busy === "deploy" ? "Deploying …" : "Deploy"}
        </Gated>
        <button type="button" onClick={close}>
          Close
        </button>
      </p>
    </Dialog>
  );
}

function read(what: string, text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new Error(`${what} is no JSON: ${messageOf(error)}`, { cause: error });
  }
}

function FileChoice({ label, take }: { label: string; take: (file: File | undefined) => void }) {
  return (
    <p>
      <label>
        {label}{" "}
        <input type="file" accept=".json,application/json" onChange={(event) => take(event.target.files?.[0])} />
      </label>
    </p>
  );
}
