// The head of the editor: name, state, version, what is unsaved, and the buttons.
import { Gated } from "~/parts/gated";
import { instantText } from "~/parts/time";
import { usePreferences } from "~/session/preferences";
import { perform } from "~/keys/keys";
import type { Change } from "../activity";
import type { Problem } from "../checks";
import { WRITE } from "../model";
import type { RuleDraft } from "./useRuleDraft";

interface Props {
  readonly name: string;
  readonly draft: RuleDraft;
  readonly problems: readonly Problem[];
  readonly changes: readonly Change[] | undefined;
  readonly toggle: () => void;
  readonly save: () => void;
}

export function Header({ name, draft, problems, changes, toggle, save }: Props) {
  const { body, base, changed } = draft;
  const { zone } = usePreferences();
  const { displayName, enabled, templateVersion, lastModifiedUtc } = body.properties;
  const last = changes?.[0];
  const changedAt = last?.at ?? base?.properties.lastModifiedUtc ?? lastModifiedUtc;
  return (
    <header className="rule-head row">
      <h1 title={name}>{displayName || "New rule"}</h1>
      <Gated
        action={WRITE}
        className={enabled ? "state-on good" : "state-on faint"}
        onClick={toggle}
        title={base ? "Enable or disable, at once (e)" : "Whether it is enabled once it is saved"}
      >
        {enabled ? "● enabled" : "○ disabled"}
      </Gated>
      <span className="faint">
        {body.kind}
        {changes && changes.length > 0 && ` · v${changes.length}`}
        {templateVersion && ` · template ${templateVersion}`}
        {base && changedAt && ` · changed ${instantText(changedAt, zone)}${last ? ` by ${last.by}` : ""}`}
      </span>
      {changed.length > 0 && base && (
        <span className="warn" title={changed.map(({ field }) => field).join(", ")}>
          unsaved • {changed.length}
        </span>
      )}
      {!base && <span className="warn">new, not saved •</span>}
      {problems.length > 0 && (
        <span className="bad" title={problems.map(({ place, message }) => `${place}: ${message}`).join("\n")}>
          ✗ {problems.length} {problems.length === 1 ? "problem" : "problems"}
        </span>
      )}
      <span className="grow" />
      {changed.length > 0 && base && (
        <button type="button" onClick={draft.discard}>
          Discard
        </button>
      )}
      <button type="button" disabled={!base || changed.length === 0} onClick={save}>
        Diff
      </button>
      <Gated action={WRITE} className="primary" onClick={save}>
        Save <kbd>Ctrl+S</kbd>
      </Gated>
      <button type="button" aria-label="Back to the list (Esc)" onClick={() => perform("rule.close")}>
        ×
      </button>
    </header>
  );
}
