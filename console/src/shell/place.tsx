// Where the person is: the session, the clients of the APIs, the workspace, and what may be done in it.
import { useQuery } from "@tanstack/react-query";
import { createContext, useContext, useMemo, type ReactNode } from "react";
import { Arm } from "~/api/arm";
import { permissionsIn, type Permission } from "~/api/permissions";
import { sender, type Send } from "~/api/request";
import { listWorkspaces, sentinelOf, type Workspace } from "~/api/workspaces";
import { Empty, Failed, Loading } from "~/parts/states";
import type { Session } from "~/session/session";

export interface Place {
  readonly session: Session;
  readonly send: Send;
  readonly arm: Arm;
  readonly workspaces: readonly Workspace[];
  readonly workspace: Workspace;
  /** The id that resources of Microsoft.SecurityInsights are under. */
  readonly sentinel: string;
  /** Undefined until the server said. */
  readonly permissions: readonly Permission[] | undefined;
}

const Context = createContext<Place | undefined>(undefined);

export function usePlace(): Place {
  const place = useContext(Context);
  if (!place) throw new Error("usePlace outside of PlaceOf");
  return place;
}

/** The workspace that an address names by its slug, or the first. */
export function chosen(workspaces: readonly Workspace[], slug: string | undefined): Workspace | undefined {
  return slug === undefined ? workspaces[0] : workspaces.find((each) => each.slug === slug);
}

export function PlaceOf({
  session,
  slug,
  children,
}: {
  session: Session;
  slug: string | undefined;
  children: ReactNode;
}) {
  const clients = useMemo(() => {
    const send = sender(session);
    return { send, arm: new Arm(send) };
  }, [session]);
  const workspaces = useQuery({
    queryKey: ["workspaces"],
    queryFn: () => listWorkspaces(clients.arm),
    staleTime: 60_000,
  });
  const workspace = workspaces.data && chosen(workspaces.data, slug);
  const permissions = useQuery({
    queryKey: ["permissions", workspace?.id],
    queryFn: () => permissionsIn(clients.arm, workspace!),
    enabled: workspace !== undefined,
    staleTime: 300_000,
  });
  if (workspaces.isPending) return <Loading what="workspaces" />;
  if (workspaces.isError) return <Failed error={workspaces.error} again={() => void workspaces.refetch()} />;
  if (!workspace) {
    return (
      <Empty
        what={
          workspaces.data.length === 0
            ? `${session.person.name} has no role on any workspace here. Somebody who is Owner can give one:`
            : `There is no workspace ${slug ?? ""} that ${session.person.name} can see.`
        }
        {...(workspaces.data.length === 0
          ? {
              how: `az role assignment create --assignee ${session.person.objectId} --role "Microsoft Sentinel Reader" --scope <workspace id>`,
            }
          : {})}
      >
        <ul>
          {workspaces.data.map((each) => (
            <li key={each.id}>
              <a href={`/console/w/${encodeURIComponent(each.slug)}/incidents`}>{each.slug}</a>
            </li>
          ))}
        </ul>
      </Empty>
    );
  }
  const place: Place = {
    session,
    ...clients,
    workspaces: workspaces.data,
    workspace,
    sentinel: sentinelOf(workspace),
    permissions: permissions.data,
  };
  return <Context.Provider value={place}>{children}</Context.Provider>;
}
