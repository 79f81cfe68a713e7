// Where the person is: the session, the clients of the APIs, the workspace, and what may be done in it.
import { useQueries, useQuery } from "@tanstack/react-query";
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
  /** The one that the address names; the first where it names all of them. */
  readonly workspace: Workspace;
  /** Whether the address is of all workspaces: `/w/all/incidents`. */
  readonly isEvery: boolean;
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

/** What stands for all workspaces in an address; a workspace's name has four letters or more. */
export const EVERY = "all";

/** The workspace that an address names by its slug, or the first. */
export function chosen(workspaces: readonly Workspace[], slug: string | undefined): Workspace | undefined {
  return slug === undefined || slug === EVERY ? workspaces[0] : workspaces.find((each) => each.slug === slug);
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
  const permissions = useQuery({ ...permissionsOf(clients.arm, workspace), enabled: workspace !== undefined });
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
    isEvery: slug === EVERY,
    sentinel: sentinelOf(workspace),
    permissions: permissions.data,
  };
  return <Context.Provider value={place}>{children}</Context.Provider>;
}

function permissionsOf(arm: Arm, workspace: Workspace | undefined) {
  return {
    queryKey: ["permissions", workspace?.id],
    queryFn: () => permissionsIn(arm, workspace!),
    staleTime: 300_000,
  };
}

/** What is inside is of a certain workspace, such as the preview of an incident among those of all workspaces. */
export function PlaceIn({ workspace, children }: { workspace: Workspace; children: ReactNode }) {
  const place = usePlace();
  const permissions = useQuery(permissionsOf(place.arm, workspace));
  const inner = useMemo(
    (): Place => ({
      ...place,
      workspace,
      isEvery: false,
      sentinel: sentinelOf(workspace),
      permissions: permissions.data,
    }),
    [place, workspace, permissions.data],
  );
  return <Context.Provider value={inner}>{children}</Context.Provider>;
}

/** What may be done in each of some workspaces, by the folded resource id; one that the server has not told yet is not in it. */
export function usePermissionsIn(workspaces: readonly Workspace[]): ReadonlyMap<string, readonly Permission[]> {
  const { arm } = usePlace();
  return useQueries({
    queries: workspaces.map((each) => permissionsOf(arm, each)),
    combine: (answers) =>
      new Map(
        workspaces.flatMap((each, at): [string, readonly Permission[]][] => {
          const held = answers[at]?.data;
          return held ? [[each.id.toLowerCase(), held]] : [];
        }),
      ),
  });
}
