// What the management API says of an incident and of what hangs on it.
// https://learn.microsoft.com/rest/api/securityinsights/incidents
import type { Resource } from "~/api/arm";
import type { Incident, IncidentProperties } from "~/incidents/incident";

export type { Incident };

export interface AlertProperties {
  readonly systemAlertId?: string;
  readonly alertDisplayName: string;
  readonly description?: string;
  readonly severity?: string;
  readonly startTimeUtc?: string;
  readonly endTimeUtc?: string;
  readonly timeGenerated?: string;
  readonly productName?: string;
  readonly additionalData?: Readonly<Record<string, string>>;
}
export type Alert = Resource<AlertProperties>;

export interface Entity extends Resource<Readonly<Record<string, unknown>>> {
  readonly kind: string;
}

export interface Author {
  readonly name?: string | null;
  readonly email?: string | null;
  readonly objectId?: string | null;
  readonly userPrincipalName?: string | null;
}

export interface CommentProperties {
  readonly message: string;
  readonly author: Author;
  readonly createdTimeUtc: string;
  readonly lastModifiedTimeUtc?: string;
}
export type Comment = Resource<CommentProperties>;

export interface TaskProperties {
  readonly title: string;
  readonly description?: string;
  readonly status: string;
  readonly createdTimeUtc: string;
  readonly lastModifiedTimeUtc?: string;
  readonly createdBy?: Author;
  readonly lastModifiedBy?: Author;
}
export type Task = Resource<TaskProperties>;

export interface BookmarkProperties {
  readonly displayName?: string;
  readonly friendlyName?: string;
  readonly notes?: string;
  readonly query?: string;
  readonly created?: string;
  readonly createdBy?: Author;
  readonly eventTime?: string;
  readonly queryResult?: string;
}
export type Bookmark = Resource<BookmarkProperties>;

export interface RelationProperties {
  readonly relatedResourceId: string;
  readonly relatedResourceName: string;
  readonly relatedResourceType: string;
  readonly relatedResourceKind?: string;
}
export type Relation = Resource<RelationProperties>;

export interface Graph {
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
}

export interface GraphNode {
  readonly id: string;
  readonly kind: string;
  readonly friendlyName: string;
  readonly severity?: string;
  /** Of an alert of elsewhere: the incidents that it is in. */
  readonly incidentNames?: readonly string[];
}

export interface GraphEdge {
  readonly source: string;
  readonly target: string;
  readonly kind: string;
}

export interface Similar extends Resource<
  IncidentProperties & {
    readonly similarityScore: number;
    readonly similarityReasons: readonly { readonly reason: string; readonly items: readonly string[] }[];
  }
> {}

/** Limits of Sentinel's: https://learn.microsoft.com/azure/sentinel/sentinel-service-limits#incident-limits */
export const MOST_COMMENTS = 100;
export const LONGEST_COMMENT = 30_000;
export const MOST_TASKS = 40;

/** How somebody is called. */
export function personText(who: Author | undefined): string {
  return who?.name ?? who?.userPrincipalName ?? who?.email ?? who?.objectId ?? "";
}
