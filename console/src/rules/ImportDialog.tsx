// Bringing rules from a file: what it holds and what it would replace is shown before anything is written.
import { useState } from "react";
import { messageOf } from "~/api/errors";
import { Dialog } from "~/parts/dialog";
import { Gated } from "~/parts/gated";
import { fromJson } from "./arm_template";
import type { RuleChanges } from "./changes";
import { WRITE, type Rule } from "./model";
import type { NamedRule } from "./named_rule";
import { fromYaml } from "./yaml_form";

const MOST = 10_000_000; // bytes of a file

interface Read {
  readonly rules: readonly NamedRule[];
  readonly problems: readonly string[];
}

export default function ImportDialog(props: { existing: readonly Rule[]; changes: RuleChanges; close: () => void }) {
  const [read, setRead] = useState<Read>();
  const [isBusy, setBusy] = useState(false);
  const known = new Map(props.existing.map((each) => [each.name.toLowerCase(), each]));
  const bring = async (): Promise<void> => {
    setBusy(true);
    const count = await props.changes.bring(read?.rules ?? []);
    setBusy(false);
    if (count === read?.rules.length) props.close();
  };
  return (
    <Dialog title="Import rules" close={props.close} wide>
      <p>
        ARM templates, resources of the management API (.json), or YAML of the Azure-Sentinel repository; several files
        at once.
      </p>
      <p>
        <input
          type="file"
          multiple
          accept=".json,.yaml,.yml"
          aria-label="Files of rules"
          onChange={(event) => void readFiles([...(event.target.files ?? [])]).then(setRead)}
        />
      </p>
      {read?.problems.map((problem) => (
        <p key={problem} className="bad" role="alert">
          {problem}
        </p>
      ))}
      {read && read.rules.length > 0 && (
        <table>
          <thead>
            <tr>
              <th scope="col">Rule</th>
              <th scope="col">Kind</th>
              <th scope="col">Name</th>
              <th scope="col" aria-label="What it does" />
            </tr>
          </thead>
          <tbody>
            {read.rules.slice(0, 200).map((rule) => {
              const replaced = known.get(rule.name.toLowerCase());
              return (
                <tr key={rule.name}>
                  <td>{rule.properties.displayName}</td>
                  <td>{rule.kind}</td>
                  <td className="mono">{rule.name}</td>
                  <td className={replaced ? "warn" : "good"}>
                    {replaced ? `replaces “${replaced.properties.displayName}”` : "new"}
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      )}
      <p className="row">
        <Gated
          action={WRITE}
          className="primary"
          disabled={isBusy || !read || read.rules.length === 0}
          onClick={() => void bring()}
        >
          Import {read?.rules.length ?? 0}
        </Gated>
        <button type="button" onClick={props.close}>
          Cancel
        </button>
      </p>
    </Dialog>
  );
}

async function readFiles(files: readonly File[]): Promise<Read> {
  const rules: NamedRule[] = [];
  const problems: string[] = [];
  for (const file of files) {
    try {
      if (file.size > MOST) throw new Error("The file is larger than 10 MB.");
      const text = await file.text();
      rules.push(...(/\.ya?ml$/i.test(file.name) ? fromYaml(text) : fromJson(text)));
    } catch (error) {
      problems.push(`${file.name}: ${messageOf(error)}`);
    }
  }
  return { rules, problems };
}
