// Whom an incident can be given to: the people of the directory, or where that is closed, owners and holders of roles.
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { usePlace, type Place } from "~/shell/place";
import { ownerName, type Owner } from "./incident";
import type { Incident } from "./incident";

const MOST_PAGES = 5;

interface GraphUser {
  readonly id: string;
  readonly displayName?: string | null;
  readonly userPrincipalName?: string | null;
  readonly mail?: string | null;
}

interface People {
  readonly people: readonly Owner[];
  /** Why the directory was not read. */
  readonly closed: unknown;
}

/** Fetched once somebody is to be chosen. */
export function usePeople(incidents: readonly Incident[], isAsked: boolean): People & { readonly isPending: boolean } {
  const place = usePlace();
  const directory = useQuery({
    queryKey: ["people", place.workspace.id],
    queryFn: ({ signal }) => readPeople(place, signal),
    enabled: isAsked,
    staleTime: 300_000,
  });
  const people = useMemo(() => {
    const { person } = place.session;
    const me: Owner[] = person.objectId ? [ownerOf(person)] : [];
    const seen = incidents.flatMap(({ properties }) => (properties.owner ? [properties.owner] : []));
    return distinct([...me, ...(directory.data?.people ?? []), ...seen]);
  }, [place.session, directory.data, incidents]);
  return { people, closed: directory.data?.closed ?? directory.error, isPending: directory.isPending && isAsked };
}

export function ownerOf(person: Place["session"]["person"]): Owner {
  return {
    objectId: person.objectId,
    assignedTo: person.name,
    userPrincipalName: person.userPrincipalName || null,
    email: person.userPrincipalName || null,
  };
}

function distinct(owners: readonly Owner[]): Owner[] {
  const found = new Map<string, Owner>();
  for (const owner of owners) {
    const key = (owner.objectId || owner.userPrincipalName || owner.email || "").toLowerCase();
    if (key && !found.has(key) && ownerName(owner)) found.set(key, owner);
  }
  return [...found.values()];
}

async function readPeople(place: Place, signal: AbortSignal): Promise<People> {
  try {
    return { people: await readDirectory(place, signal), closed: undefined };
  } catch (error) {
    if (signal.aborted) throw error;
    return { people: await readHolders(place, signal), closed: error };
  }
}

/** https://learn.microsoft.com/graph/api/user-list */
async function readDirectory({ send }: Place, signal: AbortSignal): Promise<Owner[]> {
  const found: Owner[] = [];
  let next: string | undefined = "/v1.0/users?$select=id,displayName,userPrincipalName,mail&$top=999";
  for (let page = 0; next && page < MOST_PAGES; page++) {
    const { body }: { body: { value: GraphUser[]; "@odata.nextLink"?: string } } = await send({
      audience: "graph",
      path: next,
      signal,
    });
    for (const user of body.value) {
      found.push({
        objectId: user.id,
        assignedTo: user.displayName ?? user.userPrincipalName ?? user.id,
        userPrincipalName: user.userPrincipalName ?? null,
        email: user.mail ?? user.userPrincipalName ?? null,
      });
    }
    const link: string | undefined = body["@odata.nextLink"];
    next = link && new URL(link, location.origin).pathname + new URL(link, location.origin).search;
  }
  return found;
}

/** Who holds a role on the workspace: object ids alone, which the server completes. */
async function readHolders({ arm, workspace }: Place, signal: AbortSignal): Promise<Owner[]> {
  const held = await arm.list<{ properties: { principalId: string; principalType?: string } }>(
    `${workspace.id}/providers/Microsoft.Authorization/roleAssignments`,
    "Microsoft.Authorization",
    {},
    signal,
  );
  return held
    .filter(({ properties }) => (properties.principalType ?? "User") === "User")
    .map(({ properties }) => ({ objectId: properties.principalId, assignedTo: properties.principalId }));
}
