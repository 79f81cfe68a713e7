// Short notices at the edge of the page: what was done with a way back, what failed with its code and request id.
import { useSyncExternalStore } from "react";
import { ApiError, messageOf } from "~/api/errors";

export interface Notice {
  readonly id: number;
  readonly kind: "done" | "failed";
  readonly text: string;
  readonly undo?: () => void;
  readonly error?: unknown;
}

const LASTS = 10_000; // milliseconds; an undo is possible so long
let notices: readonly Notice[] = [];
let count = 0;
const watchers = new Set<() => void>();

function change(next: readonly Notice[]): void {
  notices = next;
  for (const watcher of watchers) watcher();
}

function show(notice: Omit<Notice, "id">): void {
  const id = ++count;
  change([...notices.slice(-3), { ...notice, id }]);
  if (notice.kind === "done") setTimeout(() => dismiss(id), LASTS);
}

export function done(text: string, undo?: () => void): void {
  show({ kind: "done", text, undo });
}

export function failed(text: string, error: unknown): void {
  show({ kind: "failed", text, error });
}

export function dismiss(id: number): void {
  change(notices.filter((each) => each.id !== id));
}

/** Take back the newest thing that can be; false when there is none. */
export function undoLast(): boolean {
  const newest = notices.findLast((each) => each.undo);
  if (newest) takeBack(newest);
  return newest !== undefined;
}

/** What is on the page now, the oldest first. */
export function shownNotices(): readonly Notice[] {
  return notices;
}

export function takeBack(notice: Notice): void {
  dismiss(notice.id);
  notice.undo?.();
}

export function Toasts() {
  const shown = useSyncExternalStore((watcher) => {
    watchers.add(watcher);
    return () => watchers.delete(watcher);
  }, shownNotices);
  return (
    <div className="toasts" role="status" aria-live="polite">
      {shown.map((notice) => (
        <div key={notice.id} className={`toast ${notice.kind}`}>
          <span>
            {notice.text}
            {notice.kind === "failed" && <small> {messageOf(notice.error)}</small>}
            {notice.error instanceof ApiError && (
              <small className="faint">
                {" "}
                {notice.error.code} · request {notice.error.requestId || "–"}
              </small>
            )}
          </span>
          {notice.undo && (
            <button type="button" onClick={() => takeBack(notice)}>
              Undo <kbd>z</kbd>
            </button>
          )}
          <button type="button" aria-label="Dismiss" onClick={() => dismiss(notice.id)}>
            ×
          </button>
        </div>
      ))}
    </div>
  );
}
