// Hunting queries of the workspace, templates of rules, and rules for the matrix.
import { useQuery } from "@tanstack/react-query";
import { usePlace } from "~/shell/place";
import {
  isHunting,
  ofSaved,
  ofTemplate,
  SAVED,
  type SavedSearch,
  type Template,
  type TemplateProperties,
} from "./query";
import type { Resource } from "~/api/arm";

const SENTINEL = "Microsoft.SecurityInsights";

export function savedKey(workspaceId: string): readonly string[] {
  return ["huntingQueries", workspaceId];
}

export function useSavedQueries() {
  const { arm, workspace } = usePlace();
  return useQuery({
    queryKey: savedKey(workspace.id),
    queryFn: async ({ signal }) =>
      (await arm.list<SavedSearch>(`${workspace.id}/savedSearches`, SAVED, {}, signal)).filter(isHunting).map(ofSaved),
  });
}

export function useTemplateQueries(enabled: boolean) {
  const { arm, sentinel } = usePlace();
  return useQuery({
    queryKey: ["huntingTemplates", sentinel],
    staleTime: 300_000,
    enabled,
    queryFn: async ({ signal }) =>
      (await arm.list<Template>(`${sentinel}/alertRuleTemplates`, SENTINEL, {}, signal))
        .filter(({ properties }) => properties.query)
        .map(ofTemplate),
  });
}

/** What enabled rules say of tactics and techniques. */
export function useRuleCoverage() {
  const { arm, sentinel } = usePlace();
  return useQuery({
    queryKey: ["ruleCoverage", sentinel],
    staleTime: 30_000,
    queryFn: async ({ signal }) =>
      (
        await arm.list<Resource<TemplateProperties & { readonly enabled?: boolean }>>(
          `${sentinel}/alertRules`,
          SENTINEL,
          {},
          signal,
        )
      )
        .filter(({ properties }) => properties.enabled)
        .map(({ properties }) => ({
          tactics: properties.tactics ?? [],
          techniques: [...(properties.techniques ?? []), ...(properties.subTechniques ?? [])],
        })),
  });
}
