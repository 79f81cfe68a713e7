// Writing a comment, and changing one's own: Markdown, its limit said beside it, kept as a draft until it is sent.
import { useQueryClient } from "@tanstack/react-query";
import { useState, type RefObject } from "react";
import { Gated } from "~/parts/gated";
import { Markdown } from "~/parts/Markdown";
import { usePlace } from "~/shell/place";
import { useDraft } from "./drafts";
import { LONGEST_COMMENT, MOST_COMMENTS, type Comment, type CommentProperties } from "./model";
import { refresh } from "./queries";
import { useWrite } from "./write";

export const COMMENT_WRITE = "Microsoft.SecurityInsights/incidents/comments/write";

/** With `comment` it changes that one; `done` is called when it is sent or given up. */
export function Composer({
  incidentId,
  count,
  comment,
  done,
  box,
}: {
  incidentId: string;
  count: number;
  comment?: Comment;
  done?: () => void;
  box?: RefObject<HTMLTextAreaElement | null>;
}) {
  const { arm } = usePlace();
  const client = useQueryClient();
  const { draft, set, clear } = useDraft(comment?.id ?? `${incidentId}/comment`);
  const [isPreview, setPreview] = useState(false);
  const [isBusy, run] = useWrite();
  const text = draft?.text ?? comment?.properties.message ?? "";
  const left = LONGEST_COMMENT - text.length;
  const isFull = !comment && count >= MOST_COMMENTS;
  const send = async (): Promise<void> => {
    if (!text.trim() || left < 0 || isFull) return;
    const name = comment?.name ?? draft?.name ?? crypto.randomUUID();
    const sent = await run("The comment", async () => {
      const body: { properties: Pick<CommentProperties, "message"> } = { properties: { message: text } };
      await arm.put(`${incidentId}/comments/${name}`, "Microsoft.SecurityInsights", body, comment?.etag);
      clear();
      await refresh(client, incidentId);
    });
    if (!sent) return;
    setPreview(false);
    done?.();
  };
  const label = comment ? "Change the comment" : "Comment";
  return (
    <div className="composer">
      {isPreview ? (
        <div className="preview">
          <Markdown text={text} />
        </div>
      ) : (
        <textarea
          ref={box}
          aria-label={label}
          placeholder="Comment, in Markdown"
          rows={comment ? 6 : 2}
          value={text}
          disabled={isFull}
          onChange={(event) => set(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) void send();
            else if (event.key === "Escape") event.currentTarget.blur();
            else return;
            event.preventDefault();
          }}
        />
      )}
      <div className="row">
        <Gated
          action={COMMENT_WRITE}
          className="primary"
          disabled={isBusy || !text.trim() || left < 0 || isFull}
          title="Ctrl+Enter"
          onClick={() => void send()}
        >
          {comment ? "Save" : "Send"}
        </Gated>
        <button type="button" aria-pressed={isPreview} onClick={() => setPreview(!isPreview)}>
          Preview
        </button>
        {comment && (
          <button
            type="button"
            onClick={() => {
              clear();
              done?.();
            }}
          >
            Cancel
          </button>
        )}
        <span className="grow" />
        <small className={left < 0 ? "bad" : "faint"}>
          {isFull
            ? `The incident has ${MOST_COMMENTS} comments, which is the most.`
            : `${text.length.toLocaleString("en")} of 30,000 characters · ${count} of ${MOST_COMMENTS} comments`}
          {draft && !isFull && " · draft kept"}
        </small>
      </div>
    </div>
  );
}
