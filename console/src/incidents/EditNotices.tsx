// What a person must know of edits wherever they are: that some wait for the server, that others keep changing the same
// incident; and after a reload, that what was interrupted is sent.
import { useEffect, useMemo } from "react";
import { Dialog } from "~/parts/dialog";
import { usePlace } from "~/shell/place";
import { valueText } from "./change";
import { allPending, resolveConflict, resumeEdits } from "./edits";
import { useKnownVersion } from "./known";
import type { Pending } from "./patchQueue";
import { report } from "./triage";
import "./incidents.css";

let isResumed = false;

export default function EditNotices() {
  const place = usePlace();
  const version = useKnownVersion();
  const pending = useMemo(() => {
    void version;
    return allPending();
  }, [version]);
  useEffect(() => {
    if (isResumed) return;
    isResumed = true;
    const resumed = resumeEdits(place);
    const incidents = allPending().map((each) => each.newest);
    void report(incidents, resumed, "could not be changed");
  }, [place]);
  const isWaiting = pending.some((each) => each.state !== "sending");
  useEffect(() => {
    if (!isWaiting) return;
    const warn = (event: BeforeUnloadEvent): void => event.preventDefault();
    addEventListener("beforeunload", warn);
    return () => removeEventListener("beforeunload", warn);
  }, [isWaiting]);
  const away = pending.filter((each) => each.state === "away").length;
  const conflict = pending.find((each) => each.state === "conflict");
  return (
    <>
      <p className="edits-waiting" role="status" hidden={away === 0}>
        {away > 0 &&
          `The server cannot be reached: edits of ${away} ${away === 1 ? "incident wait" : "incidents wait"}, and are sent when it is back.`}
      </p>
      {conflict && <Conflict key={conflict.newest.id} pending={conflict} />}
    </>
  );
}

function Conflict({ pending: { newest, differences } }: { pending: Pending }) {
  const answer = (keepOurs: boolean): void => resolveConflict(newest.id, keepOurs);
  return (
    <Dialog title={`#${newest.properties.incidentNumber}: others keep changing it`} close={() => answer(false)}>
      <p>{newest.properties.title}</p>
      <table>
        <thead>
          <tr>
            <th scope="col">Field</th>
            <th scope="col">Yours</th>
            <th scope="col">Theirs</th>
          </tr>
        </thead>
        <tbody>
          {differences.map(({ field, ours, theirs }) => (
            <tr key={field}>
              <th scope="row">{field}</th>
              <td>{valueText(field, ours)}</td>
              <td>{valueText(field, theirs)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className="row">
        <button type="button" className="primary" onClick={() => answer(true)}>
          Keep yours
        </button>
        <button type="button" onClick={() => answer(false)}>
          Take theirs
        </button>
      </p>
    </Dialog>
  );
}
