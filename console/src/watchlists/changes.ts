// Writes of watchlists and items: uploads piece by piece, edits with an ETag, deletions with a way back.
import type { QueryClient } from "@tanstack/react-query";
import { each, tell } from "~/parts/changes";
import type { Place } from "~/shell/place";
import { pieces, type Read } from "./csv";
import { PROVIDER, sendable, type Item, type Watchlist, type WatchlistProperties } from "./watchlist";

const WAIT = 500; // milliseconds between looks at an upload that goes on
const LONGEST_WAIT = 120_000;

export class WatchlistChanges {
  constructor(
    private readonly place: Place,
    private readonly client: QueryClient,
  ) {}

  id(alias: string): string {
    return `${this.place.sentinel}/watchlists/${encodeURIComponent(alias)}`;
  }

  /** Write the watchlist itself, without lines. */
  async save(properties: WatchlistProperties, etag?: string): Promise<void> {
    await this.put({ properties: sendable(properties) }, properties.watchlistAlias, etag);
    await this.again(properties.watchlistAlias);
  }

  /** Send lines, piece after piece; `progress` is told how many are there. What is there already is not added again. */
  async upload(properties: WatchlistProperties, read: Read, progress: (lines: number) => void): Promise<void> {
    const contentType = read.delimiter === "\t" ? "text/tsv" : "text/csv";
    const kept = sendable(properties);
    let sent = 0;
    progress(0);
    try {
      for (const { rawContent, count } of pieces(read)) {
        await this.put(
          { properties: { ...kept, rawContent, contentType, numberOfLinesToSkip: 0 } },
          kept.watchlistAlias,
        );
        await this.settled(kept.watchlistAlias);
        sent += count;
        progress(sent);
      }
    } finally {
      await this.again(kept.watchlistAlias);
    }
  }

  async remove(watchlists: readonly Watchlist[]): Promise<void> {
    const removed = await each(watchlists, ({ id }) => this.place.arm.remove(id, PROVIDER));
    await this.again();
    tell("watchlist", "deleted", removed);
  }

  async saveItem(
    alias: string,
    name: string,
    values: Record<string, unknown>,
    before?: Item,
    like = before,
  ): Promise<void> {
    const properties = {
      itemsKeyValue: values,
      ...(like?.properties.entityMapping ? { entityMapping: like.properties.entityMapping } : {}),
    };
    const { body } = await this.place.arm.put<Item>(
      `${this.id(alias)}/watchlistItems/${name}`,
      PROVIDER,
      { properties },
      before?.etag,
    );
    // In its place, so that no row moves.
    this.client.setQueryData<Item[]>(this.itemsKey(alias), (items = []) =>
      before ? items.map((item) => (item.name === body.name ? body : item)) : [body, ...items],
    );
  }

  /** Taken back, each comes again as a new item: its old name's last row says that it was deleted. */
  async removeItems(alias: string, items: readonly Item[]): Promise<void> {
    const removed = await each(items, ({ id }) => this.place.arm.remove(id, PROVIDER));
    await this.again(alias);
    tell("item", "deleted", removed, async () => {
      const back = await each(removed.done, ({ item }) =>
        this.saveItem(alias, crypto.randomUUID(), { ...item.properties.itemsKeyValue }, undefined, item),
      );
      await this.again(alias);
      return back;
    });
  }

  itemsKey(alias: string): readonly string[] {
    return ["watchlistItems", this.place.sentinel, alias.toLowerCase()];
  }

  private async put(body: unknown, alias: string, etag?: string): Promise<void> {
    await this.place.send({
      audience: "arm",
      method: "PUT",
      path: `${this.id(alias)}?api-version=2024-01-01-preview`,
      body,
      ...(etag ? { headers: { "If-Match": etag.startsWith('"') ? etag : `"${etag}"` } } : {}),
      patience: 60_000,
    });
  }

  /** A piece may go on after its answer. */
  private async settled(alias: string): Promise<void> {
    const until = Date.now() + LONGEST_WAIT;
    while (Date.now() < until) {
      const { properties } = await this.place.arm.get<Watchlist>(this.id(alias), PROVIDER);
      if (properties.provisioningState === "Failed") throw new Error("The server could not take the lines.");
      if (properties.provisioningState !== "InProgress") return;
      await new Promise((wait) => setTimeout(wait, WAIT));
    }
    throw new Error("The server still works on the lines. Look again later.");
  }

  private async again(alias?: string): Promise<void> {
    await Promise.all([
      this.client.invalidateQueries({ queryKey: ["watchlists", this.place.sentinel] }),
      this.client.invalidateQueries({ queryKey: ["watchlistCounts", this.place.workspace.id] }),
      ...(alias ? [this.client.invalidateQueries({ queryKey: this.itemsKey(alias) })] : []),
    ]);
  }
}
