// Choosing a playbook to run on the chosen incidents.
import { useQuery } from "@tanstack/react-query";
import type { Resource } from "~/api/arm";
import { messageOf } from "~/api/errors";
import { Picker, type Choice } from "~/parts/picker";
import { usePlace } from "~/shell/place";
import { each, named } from "./triage";
import type { TriageDialogProps } from "./TriageDialog";

interface Workflow {
  readonly state?: string;
  readonly definition?: {
    readonly triggers?: Readonly<Record<string, { readonly inputs?: { readonly path?: string } }>>;
  };
}

/** The path by which a playbook says that it begins with an incident. */
const OF_INCIDENTS = "/incident-creation";

export function PlaybookPicker({ incidents, done, added }: TriageDialogProps) {
  const { arm, workspaces, session } = usePlace();
  const subscriptions = [...new Set(workspaces.map((one) => one.subscriptionId))];
  const found = useQuery({
    queryKey: ["playbooks", subscriptions],
    queryFn: async ({ signal }) => {
      const lists = subscriptions.map((subscription) =>
        arm.list<Resource<Workflow>>(
          `/subscriptions/${subscription}/providers/Microsoft.Logic/workflows`,
          "Microsoft.Logic",
          {},
          signal,
        ),
      );
      return (await Promise.all(lists)).flat().filter(isOfIncidents);
    },
    staleTime: 60_000,
  });
  const title = found.isPending
    ? "Playbooks … (asking)"
    : found.isError
      ? `Playbooks cannot be listed: ${messageOf(found.error)}`
      : found.data.length === 0
        ? "No playbook here begins with an incident. Deploy one: az deployment group create -g <group> --template-file playbook.json"
        : `Run a playbook on ${named(incidents)}`;
  const run = (playbook: Resource<Workflow>): void => {
    const tenantId = session.config.tenantId;
    void each(
      incidents,
      async (one) => {
        await arm.post(`${one.id}/runPlaybook`, "Microsoft.SecurityInsights", {
          logicAppsResourceId: playbook.id,
          tenantId,
        });
      },
      `playbook ${playbook.name} has begun`,
      `did not start ${playbook.name}`,
    ).then(() => added?.("playbooks", incidents));
  };
  const choices = (found.data ?? []).map((playbook): Choice & { playbook: Resource<Workflow> } => ({
    key: playbook.id,
    label: playbook.name,
    hint: playbook.properties.state === "Disabled" ? "disabled" : (playbook.id.split("/")[4] ?? ""),
    playbook,
  }));
  return <Picker title={title} choices={choices} close={done} choose={({ playbook }) => run(playbook)} />;
}

function isOfIncidents({ properties }: Resource<Workflow>): boolean {
  return Object.values(properties.definition?.triggers ?? {}).some((each) => each.inputs?.path === OF_INCIDENTS);
}
