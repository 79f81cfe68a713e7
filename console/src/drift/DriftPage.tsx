// Drift: rules that are no longer what their template is, content with newer versions, and where content comes from.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useMemo } from "react";
import type { Resource } from "~/api/arm";
import { useActions, useScope } from "~/keys/useKeys";
import { Gated, useGuard } from "~/parts/gated";
import { useList, type ListColumn } from "~/parts/list";
import { ListDetail } from "~/parts/ListDetail";
import { Failed } from "~/parts/states";
import { Instant } from "~/parts/time";
import { RuleChanges } from "~/rules/changes";
import { driftText, isOlder } from "~/rules/drift";
import { WRITE, type Rule } from "~/rules/model";
import type { Row } from "~/rules/filters";
import { useRules, useTemplates } from "~/rules/useRules";
import { useGo } from "~/shell/address";
import { usePlace } from "~/shell/place";
import { DRIFT } from "./keys";
import { RuleDrift } from "./RuleDrift";
import { updated } from "./take";
import "./drift.css";

const ORDER = ["behind", "changed", "gone", "same", "none"];

const COLUMNS: readonly ListColumn<Row>[] = [
  {
    key: "name",
    title: "Rule",
    width: 360,
    cell: ({ rule }) => rule.properties.displayName,
    sort: ({ rule }) => rule.properties.displayName,
  },
  {
    key: "drift",
    title: "Against its template",
    width: 170,
    cell: ({ drift }) => <span className={drift.state === "same" ? "good" : "warn"}>{driftText(drift)}</span>,
    sort: ({ drift }) => ORDER.indexOf(drift.state),
  },
  { key: "kind", title: "Kind", width: 110, cell: ({ rule }) => rule.kind, sort: ({ rule }) => rule.kind ?? "" },
];

export default function DriftPage() {
  useScope(DRIFT);
  const place = usePlace();
  const client = useQueryClient();
  const guard = useGuard();
  const go = useGo();
  const { rules, rows } = useRules();
  const templates = useTemplates();
  const changes = useMemo(() => new RuleChanges(place, client), [place, client]);
  const ofTemplates = useMemo(() => rows?.filter(({ drift }) => drift.state !== "none"), [rows]);
  const list = useList({
    items: ofTemplates,
    columns: COLUMNS,
    order: "drift",
    keyOf: ({ rule }) => rule.name,
    textOf: ({ rule, drift }) => `${rule.properties.displayName} ${driftText(drift)}`,
  });
  const templateOf = (rule: Rule): Rule | undefined =>
    templates.data?.find((each) => each.name.toLowerCase() === rule.properties.alertRuleTemplateName?.toLowerCase());
  const takeable = list.acted.filter(({ drift }) => drift.state === "behind" || drift.state === "changed");
  const take = (): void => {
    const wanted = takeable.flatMap(({ rule, drift }) => {
      const template = templateOf(rule);
      return template ? [{ rule, body: updated(rule, template, drift.state === "behind" ? drift.newest : "") }] : [];
    });
    if (wanted.length > 0) guard(WRITE, () => void changes.replace(wanted).then(list.clear));
  };
  useActions({
    "drift.take": take,
    "drift.rule": () => list.current && go(`rules/${encodeURIComponent(list.current.rule.name)}`),
  });
  return (
    <div className="drift">
      <ListDetail
        title="Drift"
        list={list}
        asked={rules}
        open={({ rule }) => go(`rules/${encodeURIComponent(rule.name)}`)}
        empty={{
          what: "No rule here was made from a template, so none can drift from one. Rules in files are compared by:",
          how: "vedette content drift rules/",
        }}
        buttons={
          <Gated action={WRITE} disabled={takeable.length === 0} onClick={take}>
            Take the template’s version
          </Gated>
        }
        detail={({ rule, drift }) => <RuleDrift rule={rule} template={templateOf(rule)} drift={drift} />}
      />
      <Packages />
      <SourceControls />
    </div>
  );
}

interface Package {
  readonly contentId?: string;
  readonly displayName?: string;
  readonly version?: string;
  readonly installedVersion?: string;
}

function Packages() {
  const { arm, sentinel } = usePlace();
  const asked = useQuery({
    queryKey: ["contentPackages", sentinel],
    queryFn: async ({ signal }) => {
      const [installed, offered] = await Promise.all(
        ["contentPackages", "contentProductPackages"].map((type) =>
          arm.list<Resource<Package>>(`${sentinel}/${type}`, "Microsoft.SecurityInsights", {}, signal),
        ),
      );
      const newest = new Map((offered ?? []).map(({ properties }) => [properties.contentId, properties.version ?? ""]));
      return (installed ?? []).map(({ properties }) => ({
        ...properties,
        newest: newest.get(properties.contentId) ?? "",
      }));
    },
  });
  return (
    <section aria-label="Solutions">
      <h2>Solutions</h2>
      {asked.isError && <Failed error={asked.error} again={() => void asked.refetch()} />}
      {asked.data?.length === 0 && (
        <p className="state">No solution is installed. Deploying one’s template installs it.</p>
      )}
      {asked.data && asked.data.length > 0 && (
        <table>
          <thead>
            <tr>
              <th scope="col">Solution</th>
              <th scope="col">Installed</th>
              <th scope="col">Newest</th>
            </tr>
          </thead>
          <tbody>
            {asked.data.map((each) => (
              <tr key={each.contentId}>
                <td>{each.displayName}</td>
                <td>{each.version}</td>
                <td className={each.newest && isOlder(each.version ?? "", each.newest) ? "warn" : undefined}>
                  {each.newest || "–"}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

interface SourceControl {
  readonly displayName: string;
  readonly repoType?: string;
  readonly repository?: { readonly url?: string; readonly branch?: string };
  readonly lastDeploymentInfo?: { readonly deploymentResult?: string; readonly deploymentTime?: string };
}

function SourceControls() {
  const { arm, sentinel } = usePlace();
  const asked = useQuery({
    queryKey: ["sourcecontrols", sentinel],
    queryFn: ({ signal }) =>
      arm.list<Resource<SourceControl>>(`${sentinel}/sourcecontrols`, "Microsoft.SecurityInsights", {}, signal),
  });
  return (
    <section aria-label="Repositories">
      <h2>Repositories</h2>
      {asked.isError && <Failed error={asked.error} again={() => void asked.refetch()} />}
      {asked.data?.length === 0 && (
        <p className="state">
          No repository is connected. <code>vedette content sync</code> keeps a workspace what a repository says.
        </p>
      )}
      {asked.data && asked.data.length > 0 && (
        <table>
          <thead>
            <tr>
              <th scope="col">Repository</th>
              <th scope="col">Branch</th>
              <th scope="col">Last deployment</th>
            </tr>
          </thead>
          <tbody>
            {asked.data.map(({ id, properties }) => (
              <tr key={id}>
                <td>
                  {properties.displayName} <span className="faint">{properties.repository?.url}</span>
                </td>
                <td>{properties.repository?.branch}</td>
                <td>
                  {properties.lastDeploymentInfo?.deploymentResult}{" "}
                  <Instant value={properties.lastDeploymentInfo?.deploymentTime} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}
