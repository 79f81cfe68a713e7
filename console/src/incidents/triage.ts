// What the keys of triage do to incidents: shown at once, told with a way back, and told when it could not be done.
import { done, failed } from "~/parts/toast";
import { fieldsOf, inverse, stillOurs, valueText, type IncidentChange } from "./change";
import { editIncident, shownIncident, type EditPlace } from "./edits";
import type { Incident } from "./incident";
import type { Outcome } from "./patchQueue";

/** `#12`, or `20 incidents`. */
export function named(incidents: readonly Incident[]): string {
  const [only] = incidents;
  return incidents.length === 1 && only ? `#${only.properties.incidentNumber}` : `${incidents.length} incidents`;
}

/** Make the same change of every incident; `told` says it, as in "#12: severity Low". */
export function change(place: EditPlace, incidents: readonly Incident[], changeOf: IncidentChange, told: string): void {
  if (incidents.length === 0) return;
  const before = incidents.map(shownIncident);
  const back = before.map((each) => inverse(each.properties, changeOf));
  const outcomes = before.map((each) => editIncident(place, each, changeOf));
  done(`${named(incidents)}: ${told}`, () => {
    const now = before.map(shownIncident);
    const ways = now.map((each, at) => stillOurs(each.properties, changeOf, back[at] ?? {}));
    const undone = now.map((each, at) => editIncident(place, each, ways[at] ?? {}));
    void report(now, undone, "could not be taken back");
    now.forEach((each, at) => {
      const left = fieldsOf(back[at] ?? {}).filter((field) => ways[at]?.[field] === undefined);
      if (left.length > 0)
        done(`#${each.properties.incidentNumber}: ${left.join(", ")} stays as somebody else set it meanwhile.`);
    });
  });
  void report(before, outcomes, "could not be changed");
}

/** Tell what was refused, and what others had set that ours now stands over. */
export async function report(
  incidents: readonly Incident[],
  outcomes: readonly Promise<Outcome>[],
  problem: string,
): Promise<void> {
  const ends = await Promise.all(outcomes);
  const refused = incidents.filter((_, at) => ends[at]?.kind === "refused");
  const first = ends.find((end) => end.kind === "refused");
  if (first) failed(`${named(refused)} ${problem}.`, first.error);
  ends.forEach((end, at) => {
    const incident = incidents[at];
    if (end.kind !== "kept" || end.over.length === 0 || !incident) return;
    const over = end.over.map(
      ({ field, ours, theirs }) => `${field} ${valueText(field, theirs)}; ${valueText(field, ours)} holds now`,
    );
    done(`#${incident.properties.incidentNumber}: somebody else had set ${over.join(", ")}.`);
  });
}

/** Do something beside the fields for each incident, a few at a time: a comment, a task, a playbook. */
export async function each(
  incidents: readonly Incident[],
  work: (incident: Incident) => Promise<void>,
  told: string,
  problem: string,
  undo?: () => void,
): Promise<boolean> {
  const waiting = [...incidents];
  const refused: { incident: Incident; error: unknown }[] = [];
  const next = async (): Promise<void> => {
    for (let incident = waiting.shift(); incident; incident = waiting.shift()) {
      try {
        await work(incident);
      } catch (error) {
        refused.push({ incident, error });
      }
    }
  };
  await Promise.all([next(), next(), next(), next()]);
  const isDone = refused.length < incidents.length;
  if (isDone) done(`${named(incidents.filter((one) => !refused.some((r) => r.incident === one)))}: ${told}`, undo);
  const [first] = refused;
  if (first) failed(`${named(refused.map((r) => r.incident))} ${problem}.`, first.error);
  return refused.length === 0;
}
