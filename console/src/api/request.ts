// One request of the server: with a token of the right audience, a deadline, patience with 429, and errors as ApiError.
import type { Audience } from "~/session/config";
import type { Session } from "~/session/session";
import { ApiError, errorOf } from "./errors";
import { parseJson } from "./json";

export interface Ask {
  readonly audience: Audience;
  readonly method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** A path of this origin, its query included. */
  readonly path: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  /** Milliseconds to wait for the answer; 30,000 unless told. */
  readonly patience?: number;
}

export interface Answer<T> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: T;
}

/** Sends requests for one session. */
export type Send = <T>(ask: Ask) => Promise<Answer<T>>;

const TRIES = 3;
const LONGEST_PAUSE = 10; // seconds

export function sender(session: Session): Send {
  return async <T>(ask: Ask): Promise<Answer<T>> => {
    for (let attempt = 1; ; attempt++) {
      try {
        return await once<T>(session, ask);
      } catch (error) {
        if (!(error instanceof ApiError) || attempt >= TRIES) throw error;
        if (error.status === 401) session.drop(ask.audience);
        else if (error.status === 429) await pause(Math.min(error.retryAfter ?? 1, LONGEST_PAUSE), ask.signal);
        else throw error;
      }
    }
  };
}

async function once<T>(session: Session, ask: Ask): Promise<Answer<T>> {
  const headers = new Headers({ Accept: "application/json", ...ask.headers });
  const token = await session.token(ask.audience);
  if (token) headers.set("Authorization", `Bearer ${token}`);
  let body: BodyInit | undefined;
  if (ask.body !== undefined) {
    body = typeof ask.body === "string" ? ask.body : JSON.stringify(ask.body);
    if (!headers.has("Content-Type")) headers.set("Content-Type", "application/json");
  }
  const deadline = AbortSignal.timeout(ask.patience ?? 30_000);
  const signal = ask.signal ? AbortSignal.any([ask.signal, deadline]) : deadline;
  let response: Response;
  let text: string;
  try {
    response = await fetch(ask.path, { method: ask.method ?? "GET", headers, body: body ?? null, signal });
    text = await response.text(); // an answer may break off in its midst
  } catch (error) {
    if (ask.signal?.aborted) throw error;
    throw unreachable(error);
  }
  const answer = await parseJson(text);
  if (!response.ok) throw errorOf(response.status, answer, response.headers);
  return { status: response.status, headers: response.headers, body: answer as T };
}

function unreachable(error: unknown): ApiError {
  const late = error instanceof DOMException && error.name === "TimeoutError";
  return late
    ? new ApiError(0, "Timeout", "The server did not answer in time. It may be busy; try again.", "")
    : new ApiError(0, "Unreachable", "The server cannot be reached. Is it running? It will be tried again.", "");
}

function pause(seconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const off = (): void => {
      clearTimeout(timer);
      reject(signal?.reason as Error);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", off);
      resolve();
    }, seconds * 1000);
    if (signal?.aborted) off();
    else signal?.addEventListener("abort", off, { once: true });
  });
}
