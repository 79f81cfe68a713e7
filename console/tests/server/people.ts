// People with roles, as an administrator makes them.
import { randomUUID } from "node:crypto";
import type { Server } from "./server";

export type Role = "Reader" | "Responder" | "Contributor";

export interface Person {
  readonly name: string;
  readonly userPrincipalName: string;
  readonly password: string;
  readonly objectId: string;
}

const ROLES: Readonly<Record<Role, string>> = {
  Reader: "8d289c81-5878-46d4-8554-54e1e3d8b5cb",
  Responder: "3e150937-b8fe-4cfb-8069-0eaf05ecd056",
  Contributor: "ab8e14d6-4a74-4a29-9ba8-549422addade",
};
const LOG_ANALYTICS_READER = "73c42c96-874c-492b-b04d-ab87d138a893";

/** Add somebody who has one of Sentinel's roles on the workspace. */
export async function addPerson(server: Server, name: string, role: Role): Promise<Person> {
  const userPrincipalName = `${name.toLowerCase()}@vedette.local`;
  const password = `Pass-${randomUUID()}`;
  server.command(["identity", "users", "add", userPrincipalName, "--display-name", name, "--password-stdin"], password);
  const { id: objectId } = await server.call<{ id: string }>(
    "GET",
    `/v1.0/users/${userPrincipalName}`,
    undefined,
    "https://graph.microsoft.com",
  );
  for (const roleId of [ROLES[role], LOG_ANALYTICS_READER]) {
    await server.call(
      "PUT",
      `${server.workspace}/providers/Microsoft.Authorization/roleAssignments/${randomUUID()}?api-version=2022-04-01`,
      {
        properties: {
          roleDefinitionId: `/subscriptions/${server.ready.subscription_id}/providers/Microsoft.Authorization/roleDefinitions/${roleId}`,
          principalId: objectId,
          principalType: "User",
        },
      },
    );
  }
  return { name, userPrincipalName, password, objectId };
}
