// The rules of the workspace, with what each did and how it stands to its template.
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import type { Resource } from "~/api/arm";
import { usePlace, type Place } from "~/shell/place";
import { activityOf } from "./activity";
import { drafted } from "./editor/drafts";
import { driftOf } from "./drift";
import type { Row } from "./filters";
import type { Rule } from "./model";
import { keptTestsKey, listTests } from "./rule_tests";

export const PROVIDER = "Microsoft.SecurityInsights";

export function rulesKey(sentinel: string): readonly string[] {
  return ["alertRules", sentinel];
}

export function listRules({ arm, sentinel }: Place, signal?: AbortSignal): Promise<Rule[]> {
  return arm.list<Rule>(`${sentinel}/alertRules`, PROVIDER, {}, signal);
}

export function listTemplates({ arm, sentinel }: Place, signal?: AbortSignal): Promise<Rule[]> {
  return arm.list<Rule>(`${sentinel}/alertRuleTemplates`, PROVIDER, {}, signal);
}

export function useTemplates(enabled = true) {
  const place = usePlace();
  return useQuery({
    queryKey: ["alertRuleTemplates", place.sentinel],
    queryFn: ({ signal }) => listTemplates(place, signal),
    staleTime: 60_000,
    enabled,
  });
}

/** The versions of installed content, by the content's id in lower case. */
function useVersions(enabled: boolean) {
  const place = usePlace();
  return useQuery({
    queryKey: ["contentTemplateVersions", place.sentinel],
    queryFn: async ({ signal }) => {
      const found = await place.arm.list<Resource<{ contentId?: string; version?: string }>>(
        `${place.sentinel}/contentTemplates`,
        PROVIDER,
        { $filter: "properties/contentKind eq 'AnalyticsRule'" },
        signal,
      );
      return found.map(
        ({ properties }) => [properties.contentId?.toLowerCase() ?? "", properties.version ?? ""] as const,
      );
    },
    staleTime: 60_000,
    enabled,
  });
}

export function useRules() {
  const place = usePlace();
  const rules = useQuery({
    queryKey: rulesKey(place.sentinel),
    queryFn: ({ signal }) => listRules(place, signal),
    staleTime: 10_000,
  });
  const activity = useQuery({
    queryKey: ["ruleActivity", place.workspace.id],
    queryFn: ({ signal }) => activityOf(place, signal),
    staleTime: 30_000,
  });
  const tests = useQuery({
    queryKey: keptTestsKey(place.workspace.id),
    queryFn: ({ signal }) => listTests(place, signal),
    staleTime: 10_000,
  });
  const areOfTemplates = rules.data?.some(({ properties }) => properties.alertRuleTemplateName) ?? false;
  const templates = useTemplates(areOfTemplates);
  const versions = useVersions(areOfTemplates);
  const rows = useMemo((): Row[] | undefined => {
    if (!rules.data) return undefined;
    const byName = new Map((templates.data ?? []).map((each) => [each.name.toLowerCase(), each]));
    const byContent = new Map(versions.data ?? []);
    const byRule = new Map((tests.data ?? []).map((each) => [each.name.toLowerCase(), each]));
    const drafts = drafted(place.workspace.id);
    return rules.data.map((rule) => ({
      rule,
      activity: activity.data?.get(rule.name.toLowerCase()),
      drift: templates.data ? driftOf(rule, byName, byContent) : { state: "none" },
      tests: byRule.get(rule.name.toLowerCase()),
      isDrafted: drafts.has(rule.name.toLowerCase()),
    }));
  }, [rules.data, activity.data, templates.data, versions.data, tests.data, place.workspace.id]);
  return { rules, activity, rows };
}
