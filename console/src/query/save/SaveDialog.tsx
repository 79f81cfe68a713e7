// "Save as …": one dialog for all that a query can become.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { Dialog } from "~/parts/dialog";
import { Gated } from "~/parts/gated";
import { Failed } from "~/parts/states";
import { done } from "~/parts/toast";
import { useGo } from "~/shell/address";
import { usePlace } from "~/shell/place";
import { newRuleAddress } from "../address";
import { ACTIONS, save, TACTICS, type Kind } from "./saving";

const KINDS: readonly { readonly kind: Kind; readonly label: string; readonly what: string }[] = [
  { kind: "query", label: "Saved query", what: "Kept in the workspace, and found among the tables." },
  { kind: "pack", label: "Query in a query pack", what: "Shared by all workspaces of the subscription." },
  { kind: "hunting", label: "Hunting query", what: "Found on the page Hunting, by tactics and techniques." },
  { kind: "function", label: "Function", what: "Called by its name in other queries from now on." },
  { kind: "rule", label: "Analytics rule", what: "The rule editor opens with this query." },
];

export function SaveDialog({ query, close }: { query: string; close: () => void }) {
  const place = usePlace();
  const go = useGo();
  const client = useQueryClient();
  const [kind, setKind] = useState<Kind>("query");
  const [name, setName] = useState("");
  const [category, setCategory] = useState("");
  const [description, setDescription] = useState("");
  const [parameters, setParameters] = useState("");
  const [tactics, setTactics] = useState<readonly string[]>([]);
  const [techniques, setTechniques] = useState("");
  const saving = useMutation({
    mutationFn: () =>
      save(place, {
        kind,
        name: name.trim(),
        query,
        category: category.trim(),
        description: description.trim(),
        tactics,
        techniques: techniques.split(/[\s,]+/).filter(Boolean),
        parameters: parameters.trim(),
      }),
    onSuccess: (text) => {
      done(text);
      void client.invalidateQueries({ queryKey: ["metadata"] });
      close();
    },
  });
  const problem = problemOf(kind, name.trim());
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (kind === "rule") {
      close();
      void newRuleAddress(query).then((address) => go(address));
    } else if (!problem) saving.mutate();
  };
  return (
    <Dialog title="Save as" close={close}>
      <form className="save-form" onSubmit={submit}>
        <fieldset>
          <legend className="hidden-text">What it becomes</legend>
          {KINDS.map((each) => (
            <label key={each.kind}>
              <input type="radio" name="kind" checked={kind === each.kind} onChange={() => setKind(each.kind)} />{" "}
              {each.label} <span className="faint">{each.what}</span>
            </label>
          ))}
        </fieldset>
        {kind !== "rule" && (
          <label>
            Name
            <input value={name} onChange={(event) => setName(event.target.value)} data-focus required />
          </label>
        )}
        {kind === "function" && (
          <label>
            Parameters <span className="faint">account:string, least:long=10</span>
            <input value={parameters} onChange={(event) => setParameters(event.target.value)} className="mono" />
          </label>
        )}
        {(kind === "query" || kind === "pack" || kind === "function") && (
          <label>
            Category
            <input value={category} onChange={(event) => setCategory(event.target.value)} placeholder="Saved" />
          </label>
        )}
        {(kind === "hunting" || kind === "pack") && (
          <label>
            Description
            <textarea rows={2} value={description} onChange={(event) => setDescription(event.target.value)} />
          </label>
        )}
        {kind === "hunting" && (
          <>
            <label>
              Tactics
              <select
                multiple
                size={5}
                value={[...tactics]}
                onChange={(event) => setTactics([...event.target.selectedOptions].map((each) => each.value))}
              >
                {TACTICS.map((each) => (
                  <option key={each}>{each}</option>
                ))}
              </select>
            </label>
            <label>
              Techniques <span className="faint">T1078, T1110.003</span>
              <input value={techniques} onChange={(event) => setTechniques(event.target.value)} />
            </label>
          </>
        )}
        {saving.isError && <Failed error={saving.error} />}
        <p className="row">
          <Gated action={ACTIONS[kind]} type="submit" className="primary" disabled={saving.isPending || problem !== ""}>
            {kind === "rule" ? "Open the rule editor" : "Save"}
          </Gated>
          <button type="button" onClick={close}>
            Cancel
          </button>
          {name !== "" && problem && <span className="faint">{problem}</span>}
        </p>
      </form>
    </Dialog>
  );
}

function problemOf(kind: Kind, name: string): string {
  if (kind === "rule") return "";
  if (name === "") return "A name is needed.";
  if (kind === "function" && !/^[A-Za-z_]\w*$/.test(name)) return "A function's name has letters, digits and _ only.";
  return "";
}
