// Writes of bookmarks: kept, deleted with a way back, put into incidents.
import type { QueryClient } from "@tanstack/react-query";
import type { Resource } from "~/api/arm";
import { each, tell, type Outcome } from "~/parts/changes";
import type { Place } from "~/shell/place";
import { sendable, type Bookmark, type BookmarkProperties } from "./bookmark";

const PROVIDER = "Microsoft.SecurityInsights";

export interface NewIncident {
  readonly title: string;
  readonly severity: string;
  readonly description: string;
}

export class BookmarkChanges {
  constructor(
    private readonly place: Place,
    private readonly client: QueryClient,
  ) {}

  async save(name: string, properties: BookmarkProperties, etag?: string): Promise<Bookmark> {
    const id = `${this.place.sentinel}/bookmarks/${name}`;
    const { body } = await this.place.arm.put<Bookmark>(id, PROVIDER, { properties: sendable(properties), etag }, etag);
    await this.again();
    return body;
  }

  /** Taken back, each comes again under its name, in the incident that it was in. */
  async remove(bookmarks: readonly Bookmark[]): Promise<void> {
    const removed = await each(bookmarks, ({ id }) => this.place.arm.remove(id, PROVIDER));
    await this.again();
    tell("bookmark", "deleted", removed, async () => {
      const back = await each(removed.done, async ({ item }) => {
        const saved = await this.save(item.name, item.properties);
        const { incidentInfo } = item.properties;
        if (incidentInfo) await this.relate(incidentInfo.incidentId, saved, incidentInfo.relationName);
      });
      await this.again();
      return back;
    });
  }

  /** Put bookmarks into an incident, by its name. */
  async link(incident: string, bookmarks: readonly Bookmark[]): Promise<Outcome<Bookmark, void>> {
    const free = bookmarks.filter(({ properties }) => properties.incidentInfo?.incidentId !== incident);
    const linked = await each(free, (bookmark) => this.relate(incident, bookmark, crypto.randomUUID()), 1);
    await this.again();
    tell("bookmark", "added to the incident", linked);
    return linked;
  }

  async unlink({ properties }: Bookmark): Promise<void> {
    const info = properties.incidentInfo;
    if (!info) return;
    const id = `${this.place.sentinel}/incidents/${info.incidentId}/relations/${info.relationName}`;
    await this.place.arm.remove(id, PROVIDER);
    await this.again();
  }

  /** Make an incident of bookmarks; gives its name. */
  async incident(asked: NewIncident, bookmarks: readonly Bookmark[]): Promise<string> {
    const name = crypto.randomUUID();
    const { body } = await this.place.arm.put<Resource>(`${this.place.sentinel}/incidents/${name}`, PROVIDER, {
      properties: { ...asked, status: "New" },
    });
    await this.link(body.name, bookmarks);
    return body.name;
  }

  private async relate(incident: string, bookmark: Bookmark, relation: string): Promise<void> {
    await this.place.arm.put(`${this.place.sentinel}/incidents/${incident}/relations/${relation}`, PROVIDER, {
      properties: { relatedResourceId: bookmark.id },
    });
  }

  private async again(): Promise<void> {
    await this.client.invalidateQueries({ queryKey: ["bookmarks", this.place.sentinel] });
  }
}
