// `o`: the query of an incident's newest alert, on the query page, over the alert's time.
import { useLocation } from "wouter";
import { useCallback } from "react";
import type { Workspace } from "~/api/workspaces";
import { failed } from "~/parts/toast";
import { usePlace } from "~/shell/place";
import type { Incident } from "./incident";
import { queryAddress } from "~/query/address";
import { evidenceOf, type Alert } from "./previewData";

export function useAlertQuery(): (incident: Incident, workspace: Workspace) => Promise<void> {
  const { arm } = usePlace();
  const [, navigate] = useLocation();
  return useCallback(
    async (incident, workspace) => {
      try {
        const { value } = await arm.post<{ value: Alert[] }>(`${incident.id}/alerts`, "Microsoft.SecurityInsights");
        const newest = value
          .toSorted((a, b) => (a.properties.timeGenerated ?? "").localeCompare(b.properties.timeGenerated ?? ""))
          .findLast((each) => evidenceOf(each) !== undefined);
        const ask = newest && evidenceOf(newest);
        if (!ask) {
          failed(
            `#${incident.properties.incidentNumber} has no alert with a query.`,
            new Error("Somebody made it, or another product did."),
          );
          return;
        }
        navigate(`/w/${encodeURIComponent(workspace.slug)}/${await queryAddress({ ...ask, run: true })}`);
      } catch (error) {
        failed("The alert's query cannot be read.", error);
      }
    },
    [arm, navigate],
  );
}
