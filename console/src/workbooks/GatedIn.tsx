// A gated button for what is not in the workspace: workbooks are resources of its group, where other roles may hold.
import { useQuery } from "@tanstack/react-query";
import type { ButtonHTMLAttributes } from "react";
import { VERSIONS } from "~/api/arm";
import { isGranted, type Permission } from "~/api/permissions";
import { GatedBy } from "~/parts/gated";
import { usePlace } from "~/shell/place";

interface BatchAnswer {
  readonly responses: readonly {
    readonly httpStatusCode: number;
    readonly content: { readonly value?: readonly Permission[] };
  }[];
}

/** Whether the person may do an action at a scope. Some roles do not let that be asked: then those on the workspace count,
 * and until these are known it is let be. */
export function useMayIn(scope: string): (action: string) => boolean {
  const { send, permissions } = usePlace();
  const held = useQuery({
    queryKey: ["permissions", scope],
    queryFn: async ({ signal }) => {
      const relativeUrl = `${scope}/providers/Microsoft.Authorization/permissions?api-version=${VERSIONS["Microsoft.Authorization"]}`;
      const { body } = await send<BatchAnswer>({
        audience: "arm",
        method: "POST",
        path: "/batch?api-version=2020-06-01",
        body: { requests: [{ name: "1", httpMethod: "GET", relativeUrl }] },
        signal,
      });
      const answer = body.responses[0];
      return answer && answer.httpStatusCode < 400 ? (answer.content.value ?? []) : null;
    },
    staleTime: 300_000,
  });
  const known = held.data ?? permissions;
  return (action) => known === undefined || isGranted(known, action);
}

type Props = ButtonHTMLAttributes<HTMLButtonElement> & { readonly scope: string; readonly action: string };

export function GatedIn({ scope, ...props }: Props) {
  const may = useMayIn(scope)(props.action);
  return <GatedBy may={may} {...props} />;
}
