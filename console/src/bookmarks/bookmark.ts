// A bookmark as the management API has it, and what is read from it.
// https://learn.microsoft.com/rest/api/securityinsights/bookmarks
import type { Resource } from "~/api/arm";

export interface EntityMapping {
  readonly entityType: string;
  readonly fieldMappings: readonly { readonly identifier: string; readonly value: string }[];
}

interface Who {
  readonly name?: string | null;
  readonly email?: string | null;
  readonly objectId?: string;
}

export interface BookmarkProperties {
  readonly displayName: string;
  readonly query: string;
  /** The row that was kept, as JSON. */
  readonly queryResult?: string;
  readonly notes?: string;
  readonly labels?: readonly string[];
  readonly eventTime?: string;
  readonly queryStartTime?: string;
  readonly queryEndTime?: string;
  readonly tactics?: readonly string[];
  readonly techniques?: readonly string[];
  readonly entityMappings?: readonly EntityMapping[];
  readonly created?: string;
  readonly createdBy?: Who;
  readonly updated?: string;
  readonly incidentInfo?: {
    readonly incidentId: string;
    readonly title: string;
    readonly severity: string;
    readonly relationName: string;
  };
}

export type Bookmark = Resource<BookmarkProperties>;

export const WRITE = "Microsoft.SecurityInsights/bookmarks/write";
export const DELETE = "Microsoft.SecurityInsights/bookmarks/delete";
export const INCIDENT_WRITE = "Microsoft.SecurityInsights/incidents/write";
export const RELATION_WRITE = "Microsoft.SecurityInsights/incidents/relations/write";
export const RELATION_DELETE = "Microsoft.SecurityInsights/incidents/relations/delete";

/** The columns and values of the kept row; none when it is no JSON object. */
export function keptRow(text: string | undefined): readonly (readonly [string, string])[] {
  if (!text) return [];
  let row: unknown;
  try {
    row = JSON.parse(text);
  } catch {
    return [["row", text]]; // written by another program in its own form
  }
  if (typeof row !== "object" || row === null) return [["row", text]];
  return Object.entries(row)
    .filter(([, value]) => value !== null && value !== "")
    .map(([name, value]) => [name, typeof value === "string" ? value : JSON.stringify(value)] as const);
}

/** ISO 8601 of the time that the query ran over, when the bookmark tells it. */
export function timespanOf({ queryStartTime, queryEndTime }: BookmarkProperties): string | undefined {
  return queryStartTime && queryEndTime ? `${queryStartTime}/${queryEndTime}` : undefined;
}

export function whoText(who: Who | undefined): string {
  return who?.name || who?.email || who?.objectId || "somebody";
}

/** What a write may say; the rest is the server's. */
export function sendable(properties: BookmarkProperties): BookmarkProperties {
  const {
    created: _c,
    createdBy: _b,
    updated: _u,
    incidentInfo: _i,
    ...rest
  } = properties as BookmarkProperties & {
    updatedBy?: unknown;
  };
  const { updatedBy: _by, ...sent } = rest;
  return sent;
}
