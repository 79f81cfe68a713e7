// Closing with a comment: how it ended, and why in words.
import { useState } from "react";
import { Dialog } from "~/parts/dialog";
import { onControlEnter } from "./onControlEnter";
import { CLOSINGS } from "./incident";
import { named } from "./triage";
import type { TriageDialogProps } from "./TriageDialog";

export function CloseDialog({ incidents, done, closeAs }: TriageDialogProps) {
  const [key, setKey] = useState("t");
  const [comment, setComment] = useState("");
  const close = (): void => {
    const closing = CLOSINGS.find((each) => each.key === key);
    if (!closing) return;
    done();
    closeAs(closing, comment);
  };
  return (
    <Dialog title={`Close ${named(incidents)}`} close={done}>
      <form
        className="triage-form"
        onSubmit={(event) => {
          event.preventDefault();
          close();
        }}
      >
        <fieldset>
          <legend>What it turned out to be</legend>
          {CLOSINGS.map((each) => (
            <label key={each.key}>
              <input
                type="radio"
                name="closing"
                value={each.key}
                checked={key === each.key}
                onChange={() => setKey(each.key)}
                // oxlint-disable-next-line jsx-a11y/no-autofocus -- a dialog that begins with this choice
                autoFocus={each.key === "t"}
              />{" "}
              {each.label} <kbd>c {each.key}</kbd>
            </label>
          ))}
        </fieldset>
        <label>
          Comment (optional)
          <textarea
            rows={4}
            value={comment}
            onChange={(event) => setComment(event.target.value)}
            onKeyDown={onControlEnter(close)}
          />
        </label>
        <p className="row">
          <button type="submit" className="primary">
            Close {named(incidents)}
          </button>
          <button type="button" onClick={done}>
            Cancel
          </button>
          <span className="faint">Ctrl+Enter closes</span>
        </p>
      </form>
    </Dialog>
  );
}
