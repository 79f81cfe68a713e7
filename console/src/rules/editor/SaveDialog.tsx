// Saving: what changed is shown first. When somebody else saved meanwhile, both versions stand side by side and are put
// together; nothing of either is lost unseen.
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { ApiError } from "~/api/errors";
import type { Scope } from "~/keys/bindings";
import { useActions, useScope } from "~/keys/useKeys";
import { Dialog } from "~/parts/dialog";
import { Gated } from "~/parts/gated";
import { Failed } from "~/parts/states";
import { done } from "~/parts/toast";
import { usePlace } from "~/shell/place";
import type { Problem } from "../checks";
import { differences, merge, type Merge } from "../merge";
import { sendable, WRITE, type Rule, type RuleBody } from "../model";
import { PROVIDER, rulesKey } from "../useRules";
import type { Saved } from "./drafts";
import { FieldDiff } from "./FieldDiff";
import { MergeView } from "./MergeView";
import { ruleIdOf, ruleKey, savedOf } from "./saved";
import type { RuleDraft } from "./useRuleDraft";

interface Props {
  readonly name: string;
  readonly draft: RuleDraft;
  readonly problems: readonly Problem[];
  readonly close: () => void;
  readonly saved: (rule: Rule) => void;
}

const KEYS: Scope = {
  name: "dialog.save",
  title: "Save",
  bindings: [{ keys: "Ctrl+s", action: "save.confirm", label: "Save", whileTyping: true }],
};

interface Stale {
  readonly theirs: Saved;
  readonly merged: Merge;
}

export function SaveDialog({ name, draft, problems, close, saved }: Props) {
  const place = usePlace();
  const client = useQueryClient();
  const [stale, setStale] = useState<Stale>();
  const [error, setError] = useState<unknown>();
  const [isBusy, setBusy] = useState(false);
  const { body, base, changed } = draft;

  const write = async (what: RuleBody, etag: string | undefined): Promise<void> => {
    setBusy(true);
    setError(undefined);
    try {
      const answer = await place.arm.put<Rule>(ruleIdOf(place, name), PROVIDER, sendable(what), etag);
      const stored = savedOf(answer.body);
      client.setQueryData(ruleKey(place, name), answer.body);
      void client.invalidateQueries({ queryKey: rulesKey(place.sentinel) });
      const isTypedOn = differences(body, draft.now()).length > 0; // the dialog was closed while it was saved
      draft.replace(isTypedOn ? draft.now() : { kind: stored.kind, properties: stored.properties }, stored);
      done("The rule is saved");
      close();
      saved(answer.body);
    } catch (thrown) {
      await refused(thrown, what);
    } finally {
      setBusy(false);
    }
  };
  const refused = async (thrown: unknown, what: RuleBody): Promise<void> => {
    if (!(thrown instanceof ApiError) || (thrown.status !== 412 && thrown.status !== 409) || !base) {
      return setError(thrown);
    }
    try {
      const theirs = savedOf(await place.arm.get<Rule>(ruleIdOf(place, name), PROVIDER));
      setStale({ theirs, merged: merge(base.properties, what.properties, theirs.properties) });
    } catch (lost) {
      const isGone = lost instanceof ApiError && lost.status === 404;
      if (!isGone) return setError(lost);
      draft.replace(body, undefined);
      setError(new Error("Somebody deleted the rule meanwhile. Saving makes it again."));
    }
  };
  const confirm = (): void => void write(body, base?.etag);
  useScope(KEYS);
  useActions({ "save.confirm": stale ? undefined : confirm });
  if (stale) {
    return (
      <Dialog title="Somebody saved this rule meanwhile" close={close} wide>
        <MergeView
          base={base}
          mine={body}
          stale={stale}
          isBusy={isBusy}
          save={(properties) => void write({ kind: body.kind, properties }, stale.theirs.etag)}
          take={() => {
            draft.replace({ kind: stale.theirs.kind, properties: stale.theirs.properties }, stale.theirs);
            client.setQueryData(ruleKey(place, name), undefined);
            void client.invalidateQueries({ queryKey: ruleKey(place, name) });
            close();
          }}
          close={close}
        />
        {error !== undefined && <Failed error={error} />}
      </Dialog>
    );
  }
  return (
    <Dialog title={base ? `Save “${body.properties.displayName}”` : "Save a new rule"} close={close} wide>
      {problems.length > 0 && (
        <ul className="plain bad" aria-label="Problems">
          {problems.map(({ place: where, message }) => (
            <li key={`${where} ${message}`}>
              ✗ <span className="mono">{where}</span> {message}
            </li>
          ))}
        </ul>
      )}
      {base && changed.length === 0 && <p className="state">Nothing was changed since it was saved.</p>}
      {base && changed.length > 0 && (
        <table className="changes">
          <tbody>
            {changed.map(({ field, before, after }) => (
              <tr key={field}>
                <th scope="row">{field}</th>
                <td>
                  <FieldDiff before={before} after={after} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {!base && (
        <p>
          It is saved as {body.kind} rule <span className="mono">{name}</span>,{" "}
          {body.properties.enabled ? "enabled: it runs at once" : "disabled"}.
        </p>
      )}
      {error !== undefined && <Failed error={error} />}
      <p className="row">
        <Gated
          action={WRITE}
          className="primary"
          // oxlint-disable-next-line jsx-a11y/no-autofocus -- Enter saves what the dialog shows
          autoFocus
          disabled={isBusy || (base !== undefined && changed.length === 0)}
          onClick={confirm}
        >
          {isBusy ? "Saving …" : problems.length > 0 ? "Save all the same" : "Save"}
        </Gated>
        <button type="button" onClick={close}>
          Cancel
        </button>
      </p>
    </Dialog>
  );
}
