// The management API: resources by id, whole lists over their pages, writes with an ETag.
import type { Answer, Send } from "./request";

/** The version that is asked for of each provider. */
export const VERSIONS = {
  "Microsoft.Authorization": "2022-04-01",
  "Microsoft.Insights/workbooks": "2023-06-01",
  "Microsoft.Insights/dataCollectionRules": "2023-03-11",
  "Microsoft.Logic": "2019-05-01",
  "Microsoft.OperationalInsights": "2023-09-01",
  "Microsoft.OperationalInsights/queryPacks": "2019-09-01",
  "Microsoft.OperationalInsights/savedSearches": "2020-08-01",
  "Microsoft.Resources": "2022-12-01",
  "Microsoft.Resources/deployments": "2024-03-01",
  "Microsoft.SecurityInsights": "2024-01-01-preview",
} as const;

export type Version = keyof typeof VERSIONS;

export interface Resource<P = Record<string, unknown>> {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly kind?: string;
  readonly location?: string;
  readonly etag?: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly properties: P;
}

interface Page<T> {
  readonly value: readonly T[];
  readonly nextLink?: string | null;
}

type Query = Readonly<Record<string, string | number | undefined>>;

/** A client of the management API. Every method raises ApiError. */
export class Arm {
  constructor(readonly send: Send) {}

  async get<T>(id: string, version: Version, signal?: AbortSignal): Promise<T> {
    return (await this.send<T>({ audience: "arm", path: path(id, version), signal })).body;
  }

  /** Every item of a list, page after page; at most `most`, when told. */
  async list<T>(id: string, version: Version, query: Query = {}, signal?: AbortSignal, most = Infinity): Promise<T[]> {
    const found: T[] = [];
    let next: string | undefined = path(id, version, query);
    const asked = new Set<string>();
    while (next && found.length < most) {
      if (asked.has(next)) throw new Error("The pages of the list lead back to one that was read already.");
      asked.add(next);
      const page: Page<T> = (await this.send<Page<T>>({ audience: "arm", path: next, signal })).body;
      found.push(...page.value);
      next = page.nextLink ? ownPath(page.nextLink) : undefined;
    }
    return found;
  }

  /** With an ETag, the write is refused (412 or 409) when somebody else wrote meanwhile. */
  put<T>(id: string, version: Version, body: unknown, etag?: string): Promise<Answer<T>> {
    const headers = etag ? { "If-Match": quoted(etag) } : undefined;
    return this.send<T>({ audience: "arm", method: "PUT", path: path(id, version), body, headers });
  }

  patch<T>(id: string, version: Version, body: unknown): Promise<Answer<T>> {
    return this.send<T>({ audience: "arm", method: "PATCH", path: path(id, version), body });
  }

  async remove(id: string, version: Version, query: Query = {}): Promise<void> {
    await this.send({ audience: "arm", method: "DELETE", path: path(id, version, query) });
  }

  async post<T>(id: string, version: Version, body?: unknown, signal?: AbortSignal): Promise<T> {
    return (await this.send<T>({ audience: "arm", method: "POST", path: path(id, version), body: body ?? {}, signal }))
      .body;
  }
}

/** The path of an id with its version; a list's `$filter` and the like come by `query`. */
export function path(id: string, version: Version, query: Query = {}): string {
  const search = new URLSearchParams({ "api-version": VERSIONS[version] });
  for (const [name, value] of Object.entries(query)) if (value !== undefined) search.set(name, String(value));
  return `${id}?${search}`;
}

/** What comes after the host: a link of a list's may name the server by another of its names. */
function ownPath(link: string): string {
  const url = new URL(link, location.origin);
  return url.pathname + url.search;
}

function quoted(etag: string): string {
  return etag.startsWith('"') || etag.startsWith("W/") || etag === "*" ? etag : `"${etag}"`;
}
