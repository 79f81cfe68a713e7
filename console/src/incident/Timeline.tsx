// The spine of an incident: what happened in it and to it, newest last, with the box for a comment under it.
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, useRef, useState, type RefObject } from "react";
import { useActions } from "~/keys/useKeys";
import { Gated } from "~/parts/gated";
import { Markdown } from "~/parts/Markdown";
import { Failed, Loading } from "~/parts/states";
import { Instant } from "~/parts/time";
import { changeParameters, useParameter } from "~/shell/address";
import { usePlace } from "~/shell/place";
import { Composer, COMMENT_WRITE } from "./Composer";
import { useDraft } from "./drafts";
import { personText, type Comment, type Incident } from "./model";
import { refresh, usePart } from "./queries";
import {
  hiddenKinds,
  hiddenText,
  KIND_TITLES,
  KINDS,
  timelineItems,
  toggled,
  type Item,
  type Kind,
} from "./timelineItems";
import { useWrite } from "./write";
import { visible } from "~/parts/visible";

export function Timeline({ incident, box }: { incident: Incident; box: RefObject<HTMLTextAreaElement | null> }) {
  const { id } = incident;
  const alerts = usePart(id, "alerts");
  const bookmarks = usePart(id, "bookmarks");
  const comments = usePart(id, "comments");
  const tasks = usePart(id, "tasks");
  const runs = usePart(id, "playbookRuns");
  const changes = usePart(id, "changes");
  const parts = [alerts, bookmarks, comments, tasks, runs, changes];
  const [hide, setHide] = useParameter("hide");
  const hidden = useMemo(() => hiddenKinds(hide), [hide]);
  const toggle = (kind: Kind): void => setHide(hiddenText(toggled(hidden, kind)));
  useActions(Object.fromEntries(KINDS.map((kind) => [`timeline.${kind}`, () => toggle(kind)])));
  const items = useMemo(
    () =>
      timelineItems({
        incident,
        alerts: alerts.data,
        bookmarks: bookmarks.data,
        comments: comments.data,
        tasks: tasks.data,
        runs: runs.data,
        changes: changes.data,
      }),
    [incident, alerts.data, bookmarks.data, comments.data, tasks.data, runs.data, changes.data],
  );
  const shown = items.filter((item) => !hidden.has(item.kind));
  const isPending = parts.some((part) => part.isPending);
  const list = useNewestInSight(id, isPending, comments.data?.length ?? 0);
  return (
    <section className="timeline" aria-label="Timeline">
      <div className="row kinds" role="group" aria-label="Kinds that are shown">
        {KINDS.map((kind, index) => (
          <button key={kind} type="button" aria-pressed={!hidden.has(kind)} onClick={() => toggle(kind)}>
            <kbd>{index + 1}</kbd> {KIND_TITLES[kind]} {items.filter((item) => item.kind === kind).length}
          </button>
        ))}
      </div>
      {parts.map(
        (part, index) => part.isError && <Failed key={index} error={part.error} again={() => void part.refetch()} />,
      )}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls, and the keyboard must reach that */}
      <ol ref={list} tabIndex={0} aria-label="What happened, newest last">
        {shown.map((item) => (
          <li key={item.key} className={`kind-${item.kind}`}>
            <Instant value={item.at} />
            <Entry item={item} incidentId={id} count={comments.data?.length ?? 0} />
          </li>
        ))}
      </ol>
      {isPending && <Loading what="the timeline" />}
      {!isPending && shown.length === 0 && <p className="state">All kinds are hidden; 1 to 6 show them.</p>}
      <Composer incidentId={id} count={comments.data?.length ?? 0} box={box} />
    </section>
  );
}

/** The list begins at its end, and goes there again for a comment that was written meanwhile. */
function useNewestInSight(id: string, isPending: boolean, comments: number): RefObject<HTMLOListElement | null> {
  const list = useRef<HTMLOListElement>(null);
  useEffect(() => {
    if (!isPending && list.current) list.current.scrollTop = list.current.scrollHeight;
  }, [id, isPending, comments]);
  return list;
}

function Entry({ item, incidentId, count }: { item: Item; incidentId: string; count: number }) {
  if (item.comment) return <CommentEntry comment={item.comment} incidentId={incidentId} count={count} />;
  return (
    <div className="entry">
      <p>
        {item.alert ? (
          <button
            type="button"
            className="link"
            title="Its evidence"
            onClick={() => changeParameters({ alert: item.alert!.name, section: "evidence" })}
          >
            <span className={`severity-${item.alert.properties.severity}`}>{item.alert.properties.severity}</span>{" "}
            <bdi>{visible(item.title)}</bdi>
          </button>
        ) : (
          <bdi>{visible(item.title)}</bdi>
        )}
        {item.task && <span className="chip">{item.task.properties.status === "Completed" ? "done" : "to do"}</span>}
        {item.run && (
          <span className={item.run.Status === "Success" ? "good" : "bad"}>
            {" "}
            {item.run.Status} <span className="faint">{item.run.Description}</span>
          </span>
        )}
        {item.who && (
          <span className="faint">
            {" "}
            · <bdi>{visible(item.who)}</bdi>
          </span>
        )}
      </p>
      {item.bookmark?.properties.notes && <Markdown text={item.bookmark.properties.notes} />}
    </div>
  );
}

function CommentEntry({ comment, incidentId, count }: { comment: Comment; incidentId: string; count: number }) {
  const { arm, session } = usePlace();
  const client = useQueryClient();
  const { draft } = useDraft(comment.id);
  const [isEdited, setEdited] = useState(draft !== undefined); // what was being written before a reload goes on
  const [isAsked, setAsked] = useState(false);
  const [isBusy, run] = useWrite();
  const { author, message, createdTimeUtc, lastModifiedTimeUtc } = comment.properties;
  const isOwn = session.config.signIn === "none" || author.objectId === session.person.objectId;
  if (isEdited)
    return <Composer incidentId={incidentId} count={count} comment={comment} done={() => setEdited(false)} />;
  const remove = (): void =>
    void run("Deleting the comment", async () => {
      await arm.remove(comment.id, "Microsoft.SecurityInsights");
      await refresh(client, incidentId);
    });
  return (
    <article className="entry comment">
      <p className="row">
        <strong>
          <bdi>{personText(author) || "somebody"}</bdi>
        </strong>
        {lastModifiedTimeUtc && lastModifiedTimeUtc !== createdTimeUtc && (
          <small className="faint">
            changed <Instant value={lastModifiedTimeUtc} />
          </small>
        )}
        <span className="grow" />
        {isOwn && !isAsked && (
          <>
            <Gated action={COMMENT_WRITE} className="small" onClick={() => setEdited(true)}>
              Edit
            </Gated>
            <Gated
              action="Microsoft.SecurityInsights/incidents/comments/delete"
              className="small"
              onClick={() => setAsked(true)}
            >
              Delete
            </Gated>
          </>
        )}
        {isAsked && (
          <>
            Delete it for good?
            <button type="button" className="small" disabled={isBusy} onClick={remove}>
              Delete it
            </button>
            <button type="button" className="small" onClick={() => setAsked(false)}>
              Keep it
            </button>
          </>
        )}
      </p>
      <Markdown text={message} />
    </article>
  );
}
