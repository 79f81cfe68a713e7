// Writes of hunting queries: saved, deleted with a way back.
import type { QueryClient } from "@tanstack/react-query";
import { each, tell } from "~/parts/changes";
import type { Place } from "~/shell/place";
import { CATEGORY, SAVED, tagsOf, type HuntingQuery } from "./query";
import { savedKey } from "./useHunting";

export type Draft = Pick<HuntingQuery, "displayName" | "description" | "query" | "tactics" | "techniques">;

export class HuntingChanges {
  constructor(
    private readonly place: Place,
    private readonly client: QueryClient,
  ) {}

  async save(draft: Draft, before?: HuntingQuery): Promise<void> {
    await this.write(before?.name ?? crypto.randomUUID(), draft, before);
    await this.again();
  }

  async remove(queries: readonly HuntingQuery[]): Promise<void> {
    const saved = queries.flatMap((query) => (query.saved ? [{ query, id: query.saved.id }] : []));
    const removed = await each(saved, ({ id }) => this.place.arm.remove(id, SAVED));
    await this.again();
    tell("query", "deleted", removed, async () => {
      const back = await each(removed.done, ({ item }) => this.write(item.query.name, item.query, item.query, false));
      await this.again();
      return back;
    });
  }

  private async write(name: string, draft: Draft, before?: HuntingQuery, isThere = true): Promise<void> {
    const etag = isThere ? before?.saved?.etag : undefined; // what was deleted has none any more
    await this.place.arm.put(
      `${this.place.workspace.id}/savedSearches/${encodeURIComponent(name)}`,
      SAVED,
      {
        ...(etag ? { etag } : {}),
        properties: {
          category: CATEGORY,
          displayName: draft.displayName,
          query: draft.query,
          version: 2,
          tags: tagsOf(draft, before?.saved?.properties.tags),
        },
      },
      etag,
    );
  }

  private async again(): Promise<void> {
    await this.client.invalidateQueries({ queryKey: savedKey(this.place.workspace.id) });
  }
}
