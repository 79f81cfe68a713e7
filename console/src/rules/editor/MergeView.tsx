// Two versions of a rule made from the same one: what each changed, and which counts where both changed the same.
import { useState } from "react";
import { Gated } from "~/parts/gated";
import { differences, type Merge } from "../merge";
import { WRITE, type RuleBody, type RuleProperties } from "../model";
import type { Saved } from "./drafts";
import { FieldDiff } from "./FieldDiff";

interface Props {
  readonly base: Saved | undefined;
  readonly mine: RuleBody;
  readonly stale: { readonly theirs: Saved; readonly merged: Merge };
  readonly isBusy: boolean;
  readonly save: (properties: RuleProperties) => void;
  /** Give up what I wrote. */
  readonly take: () => void;
  readonly close: () => void;
}

export function MergeView({ base, mine, stale, isBusy, save, take, close }: Props) {
  const { theirs, merged } = stale;
  const [chosen, setChosen] = useState<Readonly<Record<string, "mine" | "theirs">>>({});
  const old = base ?? mine;
  const [byMe, byThem] = [differences(old, mine), differences(old, theirs)];
  const fields = [...new Set([...byMe, ...byThem].map(({ field }) => field))];
  const conflicts = new Set(merged.conflicts.map(({ field }) => field));
  const open = [...conflicts].filter((field) => !chosen[field]);
  const result = (): RuleProperties => {
    const taken = Object.entries(chosen).filter(([, which]) => which === "theirs");
    return { ...merged.properties, ...Object.fromEntries(taken.map(([field]) => [field, theirs.properties[field]])) };
  };
  return (
    <>
      <p>
        Yours and theirs were made from the same version. What only one of you changed is taken from there;{" "}
        {conflicts.size === 0
          ? "nothing was changed by both."
          : `choose for ${[...conflicts].join(", ")}, which both of you changed.`}
      </p>
      <table className="merge">
        <thead>
          <tr>
            <th scope="col">Setting</th>
            <th scope="col">Yours</th>
            <th scope="col">Theirs</th>
          </tr>
        </thead>
        <tbody>
          {fields.map((field) => {
            const [left, right] = [byMe, byThem].map((list) => list.find((each) => each.field === field));
            return (
              <tr key={field}>
                <th scope="row" className={conflicts.has(field) ? "bad" : undefined}>
                  {field}
                  {conflicts.has(field) && (
                    <fieldset className="which">
                      <legend className="hidden-text">Which {field}</legend>
                      {(["mine", "theirs"] as const).map((which) => (
                        <label key={which} className="check">
                          <input
                            type="radio"
                            name={`merge ${field}`}
                            checked={chosen[field] === which}
                            onChange={() => setChosen({ ...chosen, [field]: which })}
                          />
                          {which === "mine" ? "yours" : "theirs"}
                        </label>
                      ))}
                    </fieldset>
                  )}
                </th>
                {[left, right].map((change, at) => (
                  <td key={at}>
                    {change ? (
                      <FieldDiff before={change.before} after={change.after} />
                    ) : (
                      <span className="faint">not changed</span>
                    )}
                  </td>
                ))}
              </tr>
            );
          })}
        </tbody>
      </table>
      <p className="row">
        <Gated action={WRITE} className="primary" disabled={isBusy || open.length > 0} onClick={() => save(result())}>
          Save both together
        </Gated>
        <button type="button" onClick={take}>
          Give up mine
        </button>
        <button type="button" onClick={close}>
          Cancel
        </button>
        {open.length > 0 && <span className="warn">Choose for {open.join(", ")} first.</span>}
      </p>
    </>
  );
}
