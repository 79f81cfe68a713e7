// People who may see the workbooks of the workspace's group: a workbook is a resource of the group, and not of the
// workspace, so that a role on the workspace alone is not enough.
import { randomUUID } from "node:crypto";
import { addPerson, type Person, type Role } from "../server/people";
import type { Server } from "../server/server";

const WORKBOOK_READER = "b279062a-9be3-42a0-92ae-8b3cf002ec4d";
const WORKBOOK_CONTRIBUTOR = "e8ddcd69-c73f-4f9f-9844-4100522f16ad";

export function groupOf(server: Server): string {
  return `/subscriptions/${server.ready.subscription_id}/resourceGroups/${server.ready.resource_group}`;
}

/** A person with one of Sentinel's roles on the workspace, and Azure's role for workbooks on its group. */
export async function addAuthor(server: Server, name: string, role: Role): Promise<Person> {
  const person = await addPerson(server, name, role);
  const roleId = role === "Contributor" ? WORKBOOK_CONTRIBUTOR : WORKBOOK_READER;
  await server.call(
    "PUT",
    `${groupOf(server)}/providers/Microsoft.Authorization/roleAssignments/${randomUUID()}?api-version=2022-04-01`,
    {
      properties: {
        roleDefinitionId: `/subscriptions/${server.ready.subscription_id}/providers/Microsoft.Authorization/roleDefinitions/${roleId}`,
        principalId: person.objectId,
        principalType: "User",
      },
    },
  );
  return person;
}

/** Put a workbook of the workspace; gives its name. */
export async function addWorkbook(server: Server, title: string, serialized: string): Promise<string> {
  const name = randomUUID();
  await server.call("PUT", `${groupOf(server)}/providers/Microsoft.Insights/workbooks/${name}?api-version=2023-06-01`, {
    location: "westeurope",
    kind: "shared",
    properties: { displayName: title, serializedData: serialized, category: "sentinel", sourceId: server.workspace },
  });
  return name;
}
