// One rule beside its template: each setting that differs, and mapped columns that the template's query does not give.
import { useQuery } from "@tanstack/react-query";
import { checkQuery } from "~/query/editor/check";
import { problemsOf } from "~/rules/checks";
import type { Drift } from "~/rules/drift";
import { FieldDiff } from "~/rules/editor/FieldDiff";
import type { Rule } from "~/rules/model";
import { usePlace } from "~/shell/place";
import { differencesOf, updated } from "./take";

export function RuleDrift({ rule, template, drift }: { rule: Rule; template: Rule | undefined; drift: Drift }) {
  return (
    <>
      <h2>{rule.properties.displayName}</h2>
      {drift.state === "gone" && (
        <p className="warn">
          Its template is gone: the solution that brought it was uninstalled. The rule runs on as it is.
        </p>
      )}
      {drift.state === "behind" && (
        <p>
          It was made from version {drift.version}; the newest is {drift.newest}.
        </p>
      )}
      {template && <Compared rule={rule} template={template} newest={drift.state === "behind" ? drift.newest : ""} />}
    </>
  );
}

function Compared({ rule, template, newest }: { rule: Rule; template: Rule; newest: string }) {
  const { send, workspace } = usePlace();
  const differences = differencesOf(rule, template);
  const query = template.properties.query ?? "";
  const checked = useQuery({
    queryKey: ["check", workspace.id, query],
    queryFn: ({ signal }) => checkQuery(send, workspace.customerId, query, signal, "P1D"),
    enabled: query !== "",
  });
  const problems = checked.data
    ? problemsOf(
        updated(rule, template, newest),
        checked.data.columns?.map((each) => each.name),
      )
    : [];
  if (differences.length === 0) return <p className="good">It is as its template is.</p>;
  return (
    <>
      {checked.data && !checked.data.valid && (
        <p className="bad">The template’s query does not run here: {checked.data.diagnostics[0]?.message}</p>
      )}
      {problems.map((problem) => (
        <p key={problem.place} className="warn">
          After the update: {problem.message}
        </p>
      ))}
      {differences.map(({ field, here, template: there }) => (
        <section key={field}>
          <h3>{field}</h3>
          <FieldDiff before={here} after={there} titles={["this rule", "its template"]} />
        </section>
      ))}
    </>
  );
}
