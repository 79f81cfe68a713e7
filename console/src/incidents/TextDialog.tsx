// A comment or a task for the chosen incidents. What was typed is kept until it was sent.
import { useState } from "react";
import { Dialog } from "~/parts/dialog";
import { onControlEnter } from "./onControlEnter";
import { failed } from "~/parts/toast";
import { usePlace } from "~/shell/place";
import { keepDraft, readDraft } from "./drafts";
import type { Incident } from "./incident";
import { each, named } from "./triage";
import type { TriageDialogProps } from "./TriageDialog";

/** https://learn.microsoft.com/azure/sentinel/sentinel-service-limits#incident-limits */
const LONGEST = { comment: 30_000, task: 150 };
const SENTINEL = "Microsoft.SecurityInsights";

export function TextDialog({
  kind,
  incidents,
  done,
  added,
}: TriageDialogProps & { readonly kind: "comment" | "task" }) {
  const { arm } = usePlace();
  const draft = `${kind} ${incidents.map(({ name }) => name).join(" ")}`;
  const [text, setText] = useState(() => readDraft(draft));
  const [more, setMore] = useState("");
  const isComment = kind === "comment";
  const longest = LONGEST[kind];
  const isReady = text.trim() !== "" && text.length <= longest;
  const write = (next: string): void => {
    setText(next);
    keepDraft(draft, next);
  };
  const send = async (): Promise<void> => {
    const made = new Map(incidents.map((incident) => [incident.id, crypto.randomUUID()]));
    const idOf = ({ id }: Incident): string => `${id}/${kind}s/${made.get(id)}`;
    const properties = isComment ? { message: text } : { title: text.trim(), description: more, status: "New" };
    const takeBack = (): void => {
      Promise.all(incidents.map((one) => arm.remove(idOf(one), SENTINEL))).then(
        () => added?.(`${kind}s`, incidents),
        (error: unknown) => failed(`The ${kind} could not be taken back.`, error),
      );
    };
    const isWhole = await each(
      incidents,
      async (one) => void (await arm.put(idOf(one), SENTINEL, { properties })),
      isComment ? "comment added" : "task added",
      isComment ? "has no comment" : "has no task",
      takeBack,
    );
    if (isWhole) keepDraft(draft, "");
    added?.(`${kind}s`, incidents);
  };
  const submit = (): void => {
    if (!isReady) return;
    done();
    void send();
  };
  return (
    <Dialog title={isComment ? `Comment on ${named(incidents)}` : `Task for ${named(incidents)}`} close={done}>
      <form
        className="triage-form"
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        {isComment ? (
          <label>
            Comment, in Markdown
            <textarea
              // oxlint-disable-next-line jsx-a11y/no-autofocus -- a dialog that is for typing
              autoFocus
              rows={7}
              value={text}
              onChange={(event) => write(event.target.value)}
              onKeyDown={onControlEnter(submit)}
              aria-describedby="text-length"
            />
          </label>
        ) : (
          <>
            <label>
              Title
              <input
                // oxlint-disable-next-line jsx-a11y/no-autofocus -- a dialog that is for typing
                autoFocus
                value={text}
                onChange={(event) => write(event.target.value)}
                aria-describedby="text-length"
              />
            </label>
            <label>
              Description (optional)
              <textarea
                rows={4}
                value={more}
                onChange={(event) => setMore(event.target.value)}
                onKeyDown={onControlEnter(submit)}
              />
            </label>
          </>
        )}
        <p className="row">
          <button type="submit" className="primary" aria-disabled={!isReady}>
            Add to {named(incidents)}
          </button>
          <button type="button" onClick={done}>
            Cancel
          </button>
          <span className={text.length > longest ? "bad" : "faint"} id="text-length">
            {text.length.toLocaleString("en")} of {longest.toLocaleString("en")} characters · Ctrl+Enter adds
          </span>
        </p>
      </form>
    </Dialog>
  );
}
