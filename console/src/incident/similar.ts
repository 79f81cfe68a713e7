// What became of incidents that are alike: "9 alike: 7 FP, 2 open".
import { CLOSINGS } from "~/incidents/incident";

interface Outcome {
  readonly status: string;
  readonly classification?: string | null;
}

/** How an incident ended, as it is told of others: `FP`, `TP`, `open`. */
export function outcomeOf({ status, classification }: Outcome): string {
  if (status !== "Closed") return "open";
  return CLOSINGS.find((each) => each.classification === classification)?.short ?? "closed";
}

/** The most frequent outcome first, what is open last. */
export function outcomesText(incidents: readonly Outcome[]): string {
  const counts = new Map<string, number>();
  for (const each of incidents) counts.set(outcomeOf(each), (counts.get(outcomeOf(each)) ?? 0) + 1);
  const told = [...counts].sort(
    ([a, m], [b, n]) => Number(a === "open") - Number(b === "open") || n - m || a.localeCompare(b),
  );
  const counted = told.map(([outcome, count]) => `${count} ${outcome}`).join(", ");
  return incidents.length === 0 ? "none alike" : `${incidents.length} alike: ${counted}`;
}
