// Signing in by OpenID Connect (code + PKCE), a token for each API, refresh and signing out.
//
// Access tokens live in memory alone; the refresh token stays in sessionStorage, so that a reload of this tab is no new
// sign-in. https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow
import {
  OidcClient,
  WebStorageStateStore,
  type RefreshState,
  type SigninResponse,
  type UserProfile,
} from "oidc-client-ts";
import type { Audience, Config } from "./config";
import { forgetTab, keepFor } from "./own";

export interface Person {
  readonly objectId: string;
  readonly name: string;
  readonly userPrincipalName: string;
}

export interface Session {
  readonly config: Config;
  readonly person: Person;
  /** A token for an API that is good for at least another minute; empty on a server that takes any caller. */
  token(audience: Audience): Promise<string>;
  /** Forget a token that the server refused, so that the next one is fresh. */
  drop(audience: Audience): void;
  signOut(): Promise<void>;
}

/** Thrown when nobody is signed in any more, and only signing in again helps. */
export class SignedOut extends Error {}

const KEPT = "vedette.refresh";
const MARGIN = 60; // seconds that a token must be good for when it is handed out

interface Kept {
  readonly refresh: string;
  readonly idToken: string;
  readonly profile: UserProfile;
}

interface Held {
  readonly token: string;
  readonly until: number;
}

/** The session of this tab, or undefined while the browser is on its way to the sign-in page. */
export async function openSession(config: Config): Promise<Session | undefined> {
  if (config.signIn === "none") return anybody(config);
  const client = new OidcClient({
    authority: config.authority,
    client_id: config.clientId,
    redirect_uri: `${location.origin}/console/signed-in`,
    post_logout_redirect_uri: `${location.origin}/console/`,
    scope: scopes(config, "arm"),
    stateStore: new WebStorageStateStore({ store: sessionStorage, prefix: "vedette.signin." }),
    loadUserInfo: false,
  });
  if (location.pathname === "/console/signed-in") {
    const response = await client.processSigninResponse(location.href);
    keep(response);
    const back = typeof response.userState === "string" ? response.userState : "/console/";
    history.replaceState(null, "", back.startsWith("/console/") ? back : "/console/");
    return new OidcSession(config, client, kept()!, held(response));
  }
  const known = kept();
  if (known) return new OidcSession(config, client, known);
  await goAndSignIn(client);
  return undefined;
}

function scopes(config: Config, audience: Audience): string {
  return `openid profile offline_access ${config.audiences[audience]}/.default`;
}

async function goAndSignIn(client: OidcClient): Promise<void> {
  const back = location.pathname + location.search + location.hash;
  const request = await client.createSigninRequest({ state: back });
  location.assign(request.url);
}

function keep(response: SigninResponse): void {
  const before = kept();
  const refresh = response.refresh_token ?? before?.refresh;
  if (!refresh) throw new SignedOut("The server gave no refresh token.");
  const next: Kept = { refresh, idToken: response.id_token ?? before?.idToken ?? "", profile: response.profile };
  sessionStorage.setItem(KEPT, JSON.stringify(next));
}

function kept(): Kept | undefined {
  const text = sessionStorage.getItem(KEPT);
  return text ? (JSON.parse(text) as Kept) : undefined;
}

function held(response: SigninResponse): Held {
  return { token: response.access_token, until: Date.now() / 1000 + (response.expires_in ?? 0) };
}

class OidcSession implements Session {
  readonly person: Person;
  private readonly tokens = new Map<Audience, Held>();
  private readonly asked = new Map<Audience, Promise<string>>();
  /** The page is on its way to the sign-out: what still asks for a token gets neither one nor an error. */
  private isLeaving = false;

  constructor(
    readonly config: Config,
    private readonly client: OidcClient,
    first: Kept,
    arm?: Held,
  ) {
    const profile = first.profile as UserProfile & { oid?: string };
    this.person = {
      objectId: profile.oid ?? profile.sub,
      name: profile.name ?? profile.preferred_username ?? profile.sub,
      userPrincipalName: profile.preferred_username ?? "",
    };
    keepFor(this.person.objectId);
    if (arm) this.tokens.set("arm", arm);
  }

  token(audience: Audience): Promise<string> {
    const known = this.tokens.get(audience);
    if (known && known.until - MARGIN > Date.now() / 1000) return Promise.resolve(known.token);
    const running = this.asked.get(audience);
    if (running) return running;
    const next = this.refresh(audience).finally(() => this.asked.delete(audience));
    this.asked.set(audience, next);
    return next;
  }

  drop(audience: Audience): void {
    this.tokens.delete(audience);
  }

  async signOut(): Promise<void> {
    const known = kept();
    sessionStorage.removeItem(KEPT);
    forgetTab(sessionStorage);
    this.tokens.clear();
    this.isLeaving = true;
    try {
      const request = await this.client.createSignoutRequest(known?.idToken ? { id_token_hint: known.idToken } : {});
      location.assign(request.url);
    } catch (error) {
      this.isLeaving = false;
      throw error;
    }
  }

  private ended(): Promise<never> {
    if (this.isLeaving) return new Promise<never>(() => undefined);
    return Promise.reject(new SignedOut("Nobody is signed in any more."));
  }

  private async refresh(audience: Audience): Promise<string> {
    const known = kept();
    if (!known) return this.ended();
    const state: RefreshState = {
      refresh_token: known.refresh,
      id_token: known.idToken,
      session_state: null,
      scope: scopes(this.config, audience),
      profile: known.profile,
    };
    let response: SigninResponse;
    try {
      response = await this.client.useRefreshToken({ state });
    } catch (error) {
      if (!isRefusal(error)) throw error;
      sessionStorage.removeItem(KEPT);
      throw new SignedOut("The session has ended.", { cause: error });
    }
    // Signed out meanwhile, here or by another refresh that was refused: nothing is kept of what came late.
    if (!kept()) return this.ended();
    keep(response);
    const next = held(response);
    this.tokens.set(audience, next);
    return next.token;
  }
}

/** Whether the token endpoint answered that the refresh token is no good; a server that is away has not said so. */
function isRefusal(error: unknown): boolean {
  const code = (error as { error?: unknown }).error;
  return code === "invalid_grant" || code === "interaction_required" || code === "login_required";
}

let again: Promise<unknown> | undefined;

/** Sign in again in the same tab, and come back to the same place; once, however many requests were refused. */
export async function signInAgain(config: Config): Promise<void> {
  sessionStorage.removeItem(KEPT);
  again ??= openSession(config).catch((error: unknown) => {
    again = undefined;
    throw error;
  });
  await again;
}

function anybody(config: Config): Session {
  return {
    config,
    person: { objectId: "", name: "anybody", userPrincipalName: "" },
    token: () => Promise.resolve(""),
    drop: () => undefined,
    signOut: () => Promise.resolve(),
  };
}
