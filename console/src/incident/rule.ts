// The rule that raised an alert: which columns it maps, and how it makes incidents.
import { useQuery } from "@tanstack/react-query";
import type { Resource } from "~/api/arm";
import { ApiError } from "~/api/errors";
import type { Rule } from "~/rules/model";
import { usePlace } from "~/shell/place";
import type { Mapping } from "./evidence";

export interface RuleProperties {
  readonly displayName: string;
  readonly enabled: boolean;
  readonly entityMappings?: readonly Mapping[] | null;
  readonly customDetails?: Readonly<Record<string, string>> | null;
  readonly suppressionEnabled?: boolean;
  readonly suppressionDuration?: string;
  readonly incidentConfiguration?: Rule["properties"]["incidentConfiguration"];
}

/** Undefined data for an alert of no rule, and null for a rule that is gone. */
export function useRule(name: string) {
  const { arm, sentinel } = usePlace();
  return useQuery({
    queryKey: ["rule", sentinel, name],
    enabled: name !== "",
    staleTime: 60_000,
    queryFn: async ({ signal }) => {
      try {
        const id = `${sentinel}/alertRules/${encodeURIComponent(name)}`;
        return await arm.get<Resource<RuleProperties>>(id, "Microsoft.SecurityInsights", signal);
      } catch (error) {
        if (error instanceof ApiError && error.status === 404) return null;
        throw error;
      }
    },
  });
}

/** How a rule puts alerts into incidents, in one sentence. */
export function groupingText(rule: RuleProperties | null | undefined): string {
  const made = rule?.incidentConfiguration;
  if (!made) return "each alert is an incident";
  if (!made.createIncident) return "the rule makes no incidents";
  const grouping = made.groupingConfiguration;
  if (!grouping?.enabled) return "each alert is an incident";
  const by = [
    ...(grouping.groupByEntities ?? []),
    ...(grouping.groupByAlertDetails ?? []),
    ...(grouping.groupByCustomDetails ?? []),
  ];
  const how: Readonly<Record<string, string>> = {
    AllEntities: "alerts with the same entities are one incident",
    AnyAlert: "all alerts of the rule are one incident",
    Selected: `alerts with the same ${by.join(", ")} are one incident`,
  };
  const again = grouping.reopenClosedIncident ? ", and open it again" : "";
  return `${how[grouping.matchingMethod] ?? grouping.matchingMethod} for ${durationText(grouping.lookbackDuration)}${again}`;
}

/** `PT5H` as `5 h`; what is no such duration stays as it is. */
export function durationText(text: string): string {
  const found = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/.exec(text);
  if (!found) return text;
  const units = ["d", "h", "min", "s"];
  const told = units.map((unit, at) => (found[at + 1] ? `${found[at + 1]} ${unit}` : "")).filter(Boolean);
  return told.join(" ") || text;
}
