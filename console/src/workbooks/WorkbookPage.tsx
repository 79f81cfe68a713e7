// One workbook: read, edited as JSON beside a live preview, saved with its ETag, in full screen.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useMemo, useRef, useState } from "react";
import { ApiError } from "~/api/errors";
import { useActions, useScope } from "~/keys/useKeys";
import { copy } from "~/parts/clipboard";
import { Empty, Failed, Loading } from "~/parts/states";
import { done, failed } from "~/parts/toast";
import { useGo, useParameter } from "~/shell/address";
import { usePlace } from "~/shell/place";
import { GatedIn } from "./GatedIn";
import { WorkbookEditor } from "./WorkbookEditor";
import { WorkbookView } from "./WorkbookView";
import { useDraft } from "./draft";
import { WORKBOOK_KEYS } from "./keys";
import { listWorkbooks, slugOf, TYPE, type WorkbookResource } from "./workbook";

export function WorkbookPage({ slug }: { slug: string }) {
  const { arm, workspace } = usePlace();
  const list = useQuery({
    queryKey: ["workbooks", workspace.id],
    queryFn: ({ signal }) => listWorkbooks(arm, workspace, signal),
    staleTime: 30_000,
  });
  const found = list.data?.find((each) => slugOf(each, list.data) === slug);
  const whole = useQuery({
    queryKey: ["workbook", "resource", found?.id],
    queryFn: ({ signal }) => arm.get<WorkbookResource>(found!.id, TYPE, signal),
    enabled: found !== undefined,
  });
  if (list.isError) return <Failed error={list.error} again={() => void list.refetch()} />;
  if (list.data && !found) {
    return (
      <Empty what={`There is no workbook ${slug} in this subscription that you can read.`}>
        <a href={`/console/w/${encodeURIComponent(workspace.slug)}/workbooks`}>All workbooks</a>
      </Empty>
    );
  }
  if (whole.isError) return <Failed error={whole.error} again={() => void whole.refetch()} />;
  if (!whole.data) return <Loading what="the workbook" />;
  return <One key={whole.data.id} workbook={whole.data} reload={async () => (await whole.refetch()).data} />;
}

function One({
  workbook,
  reload,
}: {
  workbook: WorkbookResource;
  reload: () => Promise<WorkbookResource | undefined>;
}) {
  useScope(WORKBOOK_KEYS);
  const { arm, workspace } = usePlace();
  const cache = useQueryClient();
  const go = useGo();
  const saved = workbook.properties.serializedData ?? "";
  const [edit, setEdit] = useParameter("edit");
  const [full, setFull] = useParameter("full");
  const [draft, setDraft] = useDraft(workbook.id);
  // What is in the editor now, which the preview follows only when the typing rests.
  const typed = useRef<string | undefined>(undefined);
  const [round, setRound] = useState(0);
  const [conflict, setConflict] = useState(false);
  const pretty = useMemo(() => prettyOf(saved), [saved]);
  const text = draft?.text ?? pretty;
  const name = draft?.title ?? workbook.properties.displayName;
  const isChanged = text !== pretty || name !== workbook.properties.displayName;
  const isEdited = edit === "1";
  const write = (change: { text?: string; title?: string }): void =>
    setDraft({ etag: workbook.etag ?? "", ...draft, ...change });
  const save = async (over = false): Promise<void> => {
    const content = typed.current ?? text;
    if (content === pretty && name === workbook.properties.displayName) return;
    const { properties } = workbook;
    try {
      JSON.parse(content);
      const { body } = await arm.put<WorkbookResource>(
        workbook.id,
        TYPE,
        {
          location: workbook.location,
          kind: workbook.kind ?? "shared",
          tags: workbook.tags ?? {},
          properties: { ...properties, displayName: name, serializedData: content },
        },
        over ? undefined : (draft?.etag ?? workbook.etag),
      );
      setConflict(false);
      await reload();
      if (typed.current === content) typed.current = undefined;
      setDraft(undefined);
      if (typed.current !== undefined) setDraft({ text: typed.current, etag: body.etag ?? "" });
      void cache.invalidateQueries({ queryKey: ["workbooks", workspace.id] });
      done("Workbook saved");
    } catch (error) {
      const isStale = error instanceof ApiError && (error.status === 409 || error.status === 412);
      if (isStale) setConflict(true);
      else failed("The workbook was not saved.", error);
    }
  };
  /** My text over what is there now: the next save is on its ETag. */
  const ground = async (): Promise<void> => {
    const theirs = await reload();
    if (!theirs) return;
    if (draft) setDraft({ ...draft, etag: theirs.etag ?? "" });
    setConflict(false);
  };
  const back = (): void => {
    if (full === "1") setFull("");
    else if (isEdited) setEdit("");
    else go("workbooks");
  };
  const share = (): void => copy(location.href, "Link copied, with the parameters as they are");
  useActions({
    "workbook.edit": () => setEdit(isEdited ? "" : "1"),
    "workbook.refresh": () => setRound(round + 1),
    "workbook.full": () => setFull(full === "1" ? "" : "1"),
    "workbook.back": back,
    "workbook.save": isEdited ? () => void save() : undefined,
    "page.copyLink": share,
  });
  return (
    <div className={full === "1" ? "wb-page full" : "wb-page"}>
      <div className="row wb-head">
        {isEdited ? (
          <input
            aria-label="Title"
            value={name}
            onChange={(event) => write({ title: event.target.value })}
            className="wb-title"
          />
        ) : (
          <h1>{name}</h1>
        )}
        <span className="faint">{workbook.properties.category}</span>
        {isChanged && <span className="warn">unsaved</span>}
        <span className="grow" />
        <button type="button" onClick={() => setRound(round + 1)}>
          Refresh <kbd>r</kbd>
        </button>
        <button type="button" onClick={share}>
          Share <kbd>y</kbd>
        </button>
        <button type="button" aria-pressed={full === "1"} onClick={() => setFull(full === "1" ? "" : "1")}>
          Full screen <kbd>f</kbd>
        </button>
        <button type="button" aria-pressed={isEdited} onClick={() => setEdit(isEdited ? "" : "1")}>
          Edit <kbd>e</kbd>
        </button>
        {isEdited && (
          <>
            <button
              type="button"
              disabled={!isChanged}
              onClick={() => {
                typed.current = undefined;
                setDraft(undefined);
              }}
            >
              Discard
            </button>
            <GatedIn
              scope={workbook.id}
              action={`${TYPE}/write`}
              className="primary"
              disabled={!isChanged}
              onClick={() => void save()}
            >
              Save <kbd>Ctrl+S</kbd>
            </GatedIn>
          </>
        )}
      </div>
      {conflict && (
        <div className="state failed" role="alert">
          <p>Somebody else saved this workbook meanwhile. Your text is kept here.</p>
          <div className="row">
            <button type="button" onClick={() => void ground()}>
              Take theirs as the ground, keep my text
            </button>
            <button type="button" onClick={() => void save(true)}>
              Save mine over it
            </button>
          </div>
        </div>
      )}
      {isEdited ? (
        <div className="wb-edit">
          <WorkbookEditor text={text} typing={(now) => (typed.current = now)} change={(now) => write({ text: now })} />
          <WorkbookView serialized={text} round={round} />
        </div>
      ) : (
        <WorkbookView serialized={text} round={round} />
      )}
    </div>
  );
}

function prettyOf(serialized: string): string {
  try {
    return JSON.stringify(JSON.parse(serialized), null, 2);
  } catch {
    return serialized;
  }
}
