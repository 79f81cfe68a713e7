// The tasks of an incident: how many are done, ticking one off, adding one.
import { useQueryClient } from "@tanstack/react-query";
import { type RefObject } from "react";
import { Gated, missing, useMay } from "~/parts/gated";
import { Markdown } from "~/parts/Markdown";
import { Failed, Loading } from "~/parts/states";
import { usePlace } from "~/shell/place";
import { useDraft } from "./drafts";
import { MOST_TASKS, personText, type Incident, type Task } from "./model";
import { refresh, usePart } from "./queries";
import { useWrite } from "./write";
import { visible } from "~/parts/visible";

const WRITE = "Microsoft.SecurityInsights/incidents/tasks/write";
const SENTINEL = "Microsoft.SecurityInsights";

export function Tasks({ incident, box }: { incident: Incident; box: RefObject<HTMLInputElement | null> }) {
  const tasks = usePart(incident.id, "tasks");
  if (tasks.isPending) return <Loading what="tasks" />;
  if (tasks.isError) return <Failed error={tasks.error} again={() => void tasks.refetch()} />;
  const done = tasks.data.filter((task) => task.properties.status === "Completed").length;
  return (
    <>
      {tasks.data.length > 0 && (
        <p>
          <strong>
            {done} of {tasks.data.length} done
          </strong>
        </p>
      )}
      <ul className="tasks">
        {tasks.data.map((task) => (
          <TaskLine key={task.id} task={task} incident={incident} />
        ))}
      </ul>
      <AddTask incident={incident} count={tasks.data.length} box={box} />
    </>
  );
}

function TaskLine({ task, incident }: { task: Task; incident: Incident }) {
  const { arm } = usePlace();
  const client = useQueryClient();
  const may = useMay()(WRITE);
  const [isBusy, run] = useWrite();
  const { title, description, status, createdBy, lastModifiedBy } = task.properties;
  const isDone = status === "Completed";
  // While it is sent it shows what it will be.
  const turn = (): void =>
    void run("The task", async () => {
      const properties = { title, ...(description ? { description } : {}), status: isDone ? "New" : "Completed" };
      await arm.put(task.id, SENTINEL, { properties }, task.etag);
      await refresh(client, incident.id);
    });
  const remove = (): void =>
    void run("Deleting the task", async () => {
      await arm.remove(task.id, SENTINEL);
      await refresh(client, incident.id);
    });
  return (
    <li className={isDone ? "done" : undefined}>
      <label title={may ? undefined : missing(WRITE)}>
        <input type="checkbox" checked={isBusy ? !isDone : isDone} disabled={!may} onChange={turn} />{" "}
        <bdi>{visible(title)}</bdi>
      </label>{" "}
      <small className="faint">
        {isDone ? "done" : "to do"} · <bdi>{personText(isDone ? lastModifiedBy : createdBy)}</bdi>
      </small>{" "}
      <Gated
        action="Microsoft.SecurityInsights/incidents/tasks/delete"
        className="small"
        aria-label={`Delete the task ${title.slice(0, 80)}`}
        disabled={isBusy}
        onClick={remove}
      >
        Delete
      </Gated>
      {description && <Markdown text={description} />}
    </li>
  );
}

function AddTask({
  incident,
  count,
  box,
}: {
  incident: Incident;
  count: number;
  box: RefObject<HTMLInputElement | null>;
}) {
  const { arm } = usePlace();
  const client = useQueryClient();
  const { draft, set, clear } = useDraft(`${incident.id}/task`);
  const [isBusy, run] = useWrite();
  const isFull = count >= MOST_TASKS;
  const add = (): void =>
    void run("The task", async () => {
      if (!draft?.text.trim() || isFull) return;
      const properties = { title: draft.text.trim(), status: "New" };
      await arm.put(`${incident.id}/tasks/${draft.name}`, SENTINEL, { properties });
      clear();
      await refresh(client, incident.id);
    });
  return (
    <form
      className="row"
      onSubmit={(event) => {
        event.preventDefault();
        add();
      }}
    >
      <input
        ref={box}
        className="grow"
        aria-label="A new task"
        placeholder={isFull ? `${MOST_TASKS} tasks, which is the most` : "A new task"}
        disabled={isFull}
        maxLength={150}
        value={draft?.text ?? ""}
        onChange={(event) => set(event.target.value)}
        onKeyDown={(event) => event.key === "Escape" && event.currentTarget.blur()}
      />
      <Gated action={WRITE} type="submit" disabled={isBusy || !draft?.text.trim() || isFull}>
        Add
      </Gated>
      <small className="faint">
        {count} of {MOST_TASKS}
      </small>
    </form>
  );
}
