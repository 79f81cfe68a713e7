// Workbooks as resources: which there are, and what is in one.
import type { Arm, Resource } from "~/api/arm";
import type { Workspace } from "~/api/workspaces";

export interface WorkbookProperties {
  readonly displayName: string;
  readonly category: string;
  readonly sourceId?: string;
  readonly serializedData?: string | null;
  readonly timeModified?: string;
  readonly userId?: string;
  readonly description?: string | null;
  readonly version?: string;
}

export type WorkbookResource = Resource<WorkbookProperties>;

export const TYPE = "Microsoft.Insights/workbooks";

/** The group that the workspace is in, and that its workbooks are made in. */
export function groupOf(workspace: Workspace): string {
  return workspace.id.slice(0, workspace.id.toLowerCase().indexOf("/providers/"));
}

/** All of a subscription, without what is in them. */
export function listWorkbooks(arm: Arm, workspace: Workspace, signal: AbortSignal): Promise<WorkbookResource[]> {
  const id = `/subscriptions/${workspace.subscriptionId}/providers/${TYPE}`;
  return arm.list<WorkbookResource>(id, TYPE, { canFetchContent: "false" }, signal);
}

/** Whether a workbook is one of a workspace: it names it as its source, or stands in its group and names nothing else. */
export function isOf(workbook: WorkbookResource, workspace: Workspace): boolean {
  const source = (workbook.properties.sourceId ?? "").toLowerCase().replace(/\/$/, "");
  if (source === workspace.id.toLowerCase()) return true;
  const group = groupOf(workspace).toLowerCase();
  return !source.startsWith("/subscriptions/") && workbook.id.toLowerCase().startsWith(`${group}/`);
}

/** How a workbook is called in an address: its name, and its group where another one has the same name. */
export function slugOf(workbook: WorkbookResource, all: readonly WorkbookResource[]): string {
  const isAlone = all.filter((each) => each.name === workbook.name).length <= 1;
  return isAlone ? workbook.name : `${workbook.name}@${workbook.id.split("/")[4] ?? ""}`;
}

/** What a new workbook has in it. */
export const EMPTY = JSON.stringify(
  {
    version: "Notebook/1.0",
    items: [
      {
        type: 1,
        content: { json: "## New workbook\n\nText is Markdown; `{TimeRange:label}` is: {TimeRange:label}." },
        name: "text - 0",
      },
      {
        type: 9,
        content: {
          version: "KqlParameterItem/1.0",
          parameters: [
            {
              version: "KqlParameterItem/1.0",
              name: "TimeRange",
              label: "Time range",
              type: 4,
              isRequired: true,
              value: { durationMs: 86_400_000 },
              typeSettings: {
                selectableValues: [3_600_000, 14_400_000, 86_400_000, 604_800_000, 2_592_000_000].map((durationMs) => ({
                  durationMs,
                })),
                allowCustom: true,
              },
            },
          ],
          style: "pills",
        },
        name: "parameters - 1",
      },
      {
        type: 3,
        content: {
          version: "KqlItem/1.0",
          query: "search *\n| summarize Rows = count() by Table = $table\n| order by Rows desc",
          size: 0,
          title: "Rows by table",
          timeContextFromParameter: "TimeRange",
          queryType: 0,
          resourceType: "microsoft.operationalinsights/workspaces",
          visualization: "table",
        },
        name: "query - 2",
      },
    ],
    $schema: "https://github.com/Microsoft/Application-Insights-Workbooks/blob/master/schema/workbook.json",
  },
  null,
  2,
);
