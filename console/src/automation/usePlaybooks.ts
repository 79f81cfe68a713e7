// Playbooks: the Logic Apps of the subscription, with how each begins and how its last run went.
// https://learn.microsoft.com/rest/api/logic/workflows
import { useQuery } from "@tanstack/react-query";
import type { Resource } from "~/api/arm";
import { each } from "~/parts/changes";
import { usePlace } from "~/shell/place";

export interface WorkflowProperties {
  readonly state?: string;
  readonly createdTime?: string;
  readonly changedTime?: string;
  readonly definition?: {
    readonly triggers?: Readonly<
      Record<string, { readonly type?: string; readonly inputs?: { readonly path?: unknown } }>
    >;
    readonly actions?: Readonly<Record<string, unknown>>;
  };
}

export type Playbook = Resource<WorkflowProperties>;

export interface RunProperties {
  readonly status: string;
  readonly startTime: string;
  readonly endTime?: string;
  readonly code?: string;
  readonly error?: { readonly code?: string; readonly message?: string };
  readonly trigger?: { readonly name?: string };
}

export type Run = Resource<RunProperties>;

export interface StepProperties {
  readonly status: string;
  readonly startTime: string;
  readonly endTime?: string;
  readonly code?: string;
  readonly error?: { readonly code?: string; readonly message?: string };
  readonly inputsLink?: { readonly uri: string };
  readonly outputsLink?: { readonly uri: string };
}

export type Step = Resource<StepProperties>;

export function usePlaybooks() {
  const { arm, workspace } = usePlace();
  return useQuery({
    queryKey: ["playbooks", workspace.subscriptionId],
    staleTime: 10_000,
    queryFn: ({ signal }) =>
      arm.list<Playbook>(
        `/subscriptions/${workspace.subscriptionId}/providers/Microsoft.Logic/workflows`,
        "Microsoft.Logic",
        {},
        signal,
      ),
  });
}

/** The last run of each playbook, by its id; four are asked at a time. */
export function useLastRuns(playbooks: readonly Playbook[] | undefined) {
  const { arm } = usePlace();
  return useQuery({
    queryKey: ["lastRuns", playbooks?.map(({ id }) => id)],
    enabled: playbooks !== undefined,
    staleTime: 10_000,
    queryFn: async ({ signal }) => {
      const asked = await each(playbooks ?? [], ({ id }) =>
        arm.list<Run>(`${id}/runs`, "Microsoft.Logic", { $top: 1 }, signal, 1),
      );
      return new Map(asked.done.flatMap(({ item, value }) => (value[0] ? [[item.id, value[0]] as const] : [])));
    },
  });
}

/** What a playbook begins with: "incident", "alert", "entity", or the type of its first trigger. */
export function beginsWith({ properties }: Playbook): string {
  const trigger = Object.values(properties.definition?.triggers ?? {})[0];
  const path = String(trigger?.inputs?.path ?? "");
  if (path.includes("/incident-creation")) return "incident";
  if (path.includes("/subscribe")) return "alert";
  if (path.includes("/entity")) return "entity";
  return trigger?.type ?? "nothing";
}
