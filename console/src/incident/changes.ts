// What a change of an incident changed: each is a whole row of SecurityIncident, so a row is compared with the one before.

/** The columns that are compared; what is long is counted or hashed by the server. */
export const CHANGES_COLUMNS = [
  "TimeGenerated",
  "ModifiedBy",
  "Title",
  "Severity",
  "Status",
  "Owner = tostring(coalesce(Owner.assignedTo, Owner.userPrincipalName, Owner.email, Owner.objectId))",
  "Labels = tostring(Labels)",
  "Classification",
  "ClassificationReason",
  "ClassificationComment",
  "Description",
  "Alerts = array_length(AlertIds)",
  "Bookmarks = array_length(BookmarkIds)",
  "Comments = array_length(Comments)",
  "CommentsHash = tostring(hash(tostring(Comments)))",
  "Tasks = array_length(Tasks)",
  "TasksHash = tostring(hash(tostring(Tasks)))",
].join(", ");

export interface ChangeRow {
  readonly TimeGenerated: string;
  readonly ModifiedBy: string;
  readonly Title: string;
  readonly Severity: string;
  readonly Status: string;
  readonly Owner: string;
  readonly Labels: string;
  readonly Classification: string;
  readonly ClassificationReason: string;
  readonly ClassificationComment: string;
  readonly Description: string;
  readonly Alerts: number | null;
  readonly Bookmarks: number | null;
  readonly Comments: number | null;
  readonly CommentsHash: string;
  readonly Tasks: number | null;
  readonly TasksHash: string;
}

export interface Change {
  readonly at: string;
  readonly who: string;
  /** `status New → Active`; empty for a row that says the same as the one before it. */
  readonly what: readonly string[];
}

const VALUES = [
  ["Status", "status"],
  ["Severity", "severity"],
  ["Owner", "owner"],
  ["Classification", "classification"],
  ["ClassificationReason", "reason"],
  ["ClassificationComment", "closing comment"],
  ["Labels", "labels"],
  ["Title", "title"],
] as const;

const COUNTED = [
  ["Alerts", "alert", undefined],
  ["Bookmarks", "bookmark", undefined],
  ["Comments", "comment", "CommentsHash"],
  ["Tasks", "task", "TasksHash"],
] as const;

/** The changes that rows in the order of time tell of; older rows than the log keeps are not among them. */
export function changesOf(rows: readonly ChangeRow[], created: string): Change[] {
  return rows.map((row, index) => ({
    at: row.TimeGenerated,
    who: row.ModifiedBy,
    what:
      index > 0
        ? differences(rows[index - 1]!, row)
        : [isSoonAfter(created, row) ? "created" : "earlier rows are gone"],
  }));
}

function isSoonAfter(created: string, row: ChangeRow): boolean {
  return Date.parse(row.TimeGenerated) - Date.parse(created) < 60_000;
}

function differences(before: ChangeRow, after: ChangeRow): string[] {
  const found: string[] = [];
  for (const [column, name] of VALUES) {
    if (before[column] !== after[column]) found.push(`${name} ${shown(before[column])} → ${shown(after[column])}`);
  }
  if (before.Description !== after.Description) found.push("description");
  for (const [column, name, hash] of COUNTED) {
    const more = (after[column] ?? 0) - (before[column] ?? 0);
    if (more !== 0) found.push(`${more > 0 ? "+" : "−"}${Math.abs(more)} ${name}${Math.abs(more) === 1 ? "" : "s"}`);
    else if (hash && before[hash] !== after[hash]) found.push(`a ${name} changed`);
  }
  return found;
}

const LONGEST = 120;

function shown(value: string): string {
  const text = value.startsWith("[") ? listed(value) : value;
  if (text === "") return "–";
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}

function listed(text: string): string {
  try {
    const value: unknown = JSON.parse(text);
    if (!Array.isArray(value)) return text;
    return value.map((each) => (each as { labelName?: string } | null)?.labelName ?? String(each)).join(", ");
  } catch {
    return text; // a title may begin with a bracket
  }
}
