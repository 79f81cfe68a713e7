// Writes of indicators: made, changed, tagged, revoked, deleted with a way back.
import type { QueryClient } from "@tanstack/react-query";
import { each, tell } from "~/parts/changes";
import type { Place } from "~/shell/place";
import { PROVIDER, sendable, type Indicator, type IndicatorProperties } from "./indicator";

export class IndicatorChanges {
  constructor(
    private readonly place: Place,
    private readonly client: QueryClient,
  ) {}

  async create(properties: IndicatorProperties): Promise<void> {
    const id = `${this.place.sentinel}/threatIntelligence/main/createIndicator`;
    await this.place.arm.post(id, PROVIDER, { kind: "indicator", properties: sendable(properties) });
    await this.again();
  }

  async save(indicator: Indicator, properties: IndicatorProperties): Promise<void> {
    await this.write(indicator, properties);
    await this.again();
  }

  async tag(indicators: readonly Indicator[], tags: readonly string[]): Promise<void> {
    const tagged = await each(indicators, ({ id }) =>
      this.place.arm.post(`${id}/appendTags`, PROVIDER, { threatIntelligenceTags: tags }),
    );
    await this.again();
    tell("indicator", "tagged", tagged, async () => {
      const back = await each(tagged.done, ({ item }) => this.untag(item, tags));
      await this.again();
      return back;
    });
  }

  /** Take tags away that it had not before; those that others gave it meanwhile stay. */
  private async untag({ id, properties }: Indicator, tags: readonly string[]): Promise<void> {
    const added = new Set(tags.filter((tag) => !properties.threatIntelligenceTags?.includes(tag)));
    const now = await this.place.arm.get<Indicator>(id, PROVIDER);
    const left = (now.properties.threatIntelligenceTags ?? []).filter((tag) => !added.has(tag));
    await this.place.arm.post(`${id}/replaceTags`, PROVIDER, {
      kind: "indicator",
      properties: { threatIntelligenceTags: left },
    });
  }

  /** There is no way back: one that is revoked stays so. */
  async revoke(indicators: readonly Indicator[]): Promise<void> {
    const revoked = await each(indicators, (indicator) =>
      this.write(indicator, { ...indicator.properties, revoked: true }),
    );
    await this.again();
    tell("indicator", "revoked", revoked);
  }

  async remove(indicators: readonly Indicator[]): Promise<void> {
    const removed = await each(indicators, ({ id }) => this.place.arm.remove(id, PROVIDER));
    await this.again();
    tell("indicator", "deleted", removed, async () => {
      const back = await each(removed.done, ({ item }) =>
        this.place.arm.put(item.id, PROVIDER, { kind: "indicator", properties: sendable(item.properties) }),
      );
      await this.again();
      return back;
    });
  }

  private async write({ id, etag }: Indicator, properties: IndicatorProperties): Promise<void> {
    await this.place.arm.put(id, PROVIDER, { kind: "indicator", etag, properties: sendable(properties) }, etag);
  }

  private async again(): Promise<void> {
    await this.client.invalidateQueries({ queryKey: ["indicators", this.place.sentinel] });
    await this.client.invalidateQueries({ queryKey: ["indicatorMetrics", this.place.sentinel] });
  }
}
