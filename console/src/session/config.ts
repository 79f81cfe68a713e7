// What the server says of itself before anybody is signed in.

/** One of the APIs that have tokens of their own. */
export type Audience = "arm" | "logs" | "graph" | "kusto";

export interface Config {
  /** The issuer that people sign in at: the server itself, or an Entra tenant. */
  readonly authority: string;
  readonly tenantId: string;
  readonly clientId: string;
  readonly audiences: Readonly<Record<Audience, string>>;
  /** "none": the server takes any caller, and nobody signs in. */
  readonly signIn: "oidc" | "none";
  readonly version: string;
  readonly virtualClock: boolean;
}

/** Raises an Error with what the server answered, when that is no configuration. */
export async function readConfig(): Promise<Config> {
  const answer = await fetch("/console/config.json", { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(`The server answered ${answer.status} when it was asked for /console/config.json.`);
  return (await answer.json()) as Config;
}
