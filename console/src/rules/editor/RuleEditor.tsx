// The editor of one rule: what it begins with, then the page for its kind.
import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { ApiError } from "~/api/errors";
import { Empty, Failed, Loading } from "~/parts/states";
import { readFragment } from "~/query/address";
import { changeParameters, useParameter } from "~/shell/address";
import { usePlace, type Place } from "~/shell/place";
import { blankRule, fromTemplate, isQueryKind, newName, type Rule, type RuleBody } from "../model";
import { listTemplates, PROVIDER } from "../useRules";
import { readDraft } from "./drafts";
import { OtherKind } from "./OtherKind";
import { QueryRule } from "./QueryRule";
import { ruleIdOf, ruleKey, savedOf } from "./saved";

/** `name` is undefined for a new rule. */
export default function RuleEditor({ name }: { name: string | undefined }) {
  return name === undefined ? <NewRule /> : <SavedRule name={name} />;
}

function SavedRule({ name }: { name: string }) {
  const place = usePlace();
  const rule = useQuery({
    queryKey: ruleKey(place, name),
    queryFn: ({ signal }) => place.arm.get<Rule>(ruleIdOf(place, name), PROVIDER, signal),
    staleTime: 5000,
  });
  if (rule.isPending) return <Loading what="the rule" />;
  if (rule.error instanceof ApiError && rule.error.status === 404) {
    return <Empty what={`There is no rule ${name} in this workspace. Somebody may have deleted it.`} />;
  }
  if (rule.isError) return <Failed error={rule.error} again={() => void rule.refetch()} />;
  return isQueryKind(rule.data.kind) ? (
    <QueryRule key={name} name={name} rule={rule.data} start={savedOf(rule.data)} />
  ) : (
    <OtherKind key={name} rule={rule.data} />
  );
}

/** A new rule has its name from the start: its draft is kept under it, and saving it twice makes one rule. */
function NewRule() {
  const place = usePlace();
  const [id] = useParameter("id");
  const [template] = useParameter("template");
  useEffect(() => {
    if (!id) changeParameters({ id: newName() });
  }, [id]);
  const start = useQuery({
    queryKey: ["newRule", place.sentinel, id, template],
    queryFn: ({ signal }) => startOf(place, id, template, signal),
    enabled: id !== "",
    staleTime: Infinity,
    gcTime: 0,
  });
  if (start.isError) return <Failed error={start.error} again={() => void start.refetch()} />;
  if (!start.data) return <Loading what="the new rule" />;
  return isQueryKind(start.data.kind) ? (
    <QueryRule key={id} name={id} rule={undefined} start={start.data} />
  ) : (
    <OtherKind key={id} rule={{ id: "", name: id, type: "", ...start.data }} isNew />
  );
}

/** A draft, a template, a query that another page handed over in the fragment, or a blank form. */
async function startOf(place: Place, id: string, template: string, signal: AbortSignal): Promise<RuleBody> {
  const kept = readDraft(place.workspace.id, id);
  if (kept) return kept.body;
  if (template) {
    const found = (await listTemplates(place, signal)).find((each) => each.name === template);
    if (!found) throw new Error(`There is no template ${template} in this workspace.`);
    return fromTemplate(found);
  }
  const handed = await readFragment(location.hash);
  return blankRule(handed?.query ?? "");
}
