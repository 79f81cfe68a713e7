// Writes of automation rules: saved, switched, put into another order, deleted, with a way back.
import type { QueryClient } from "@tanstack/react-query";
import { each, tell } from "~/parts/changes";
import type { Place } from "~/shell/place";
import { PROVIDER, sendable, type AutomationRule, type RuleProperties } from "./rule";

export class AutomationChanges {
  constructor(
    private readonly place: Place,
    private readonly client: QueryClient,
  ) {}

  get key(): readonly string[] {
    return ["automationRules", this.place.sentinel];
  }

  async save(name: string, properties: RuleProperties, etag?: string): Promise<AutomationRule> {
    const written = await this.write(name, properties, etag);
    await this.again();
    return written;
  }

  async enable(rules: readonly AutomationRule[], isEnabled: boolean): Promise<void> {
    const changing = rules.filter(({ properties }) => properties.triggeringLogic.isEnabled !== isEnabled);
    const written = await each(changing, (rule) =>
      this.write(rule.name, switched(rule.properties, isEnabled), rule.etag),
    );
    await this.again();
    tell("rule", isEnabled ? "enabled" : "disabled", written, async () => {
      const back = await each(written.done, ({ item, value }) => this.write(item.name, item.properties, value.etag));
      await this.again();
      return back;
    });
  }

  /** Write the orders that are others than before. */
  async reorder(rules: readonly AutomationRule[], orders: ReadonlyMap<string, number>): Promise<void> {
    const changing = rules.filter(
      ({ name, properties }) => (orders.get(name) ?? properties.order) !== properties.order,
    );
    const written = await each(changing, (rule) =>
      this.write(rule.name, { ...rule.properties, order: orders.get(rule.name) ?? rule.properties.order }, rule.etag),
    );
    await this.again();
    tell("rule", "put in order", written, async () => {
      const back = await each(written.done, ({ item, value }) => this.write(item.name, item.properties, value.etag));
      await this.again();
      return back;
    });
  }

  async remove(rules: readonly AutomationRule[]): Promise<void> {
    const removed = await each(rules, ({ id }) => this.place.arm.remove(id, PROVIDER));
    await this.again();
    tell("rule", "deleted", removed, async () => {
      const back = await each(removed.done, ({ item }) => this.write(item.name, item.properties));
      await this.again();
      return back;
    });
  }

  private async write(name: string, properties: RuleProperties, etag?: string): Promise<AutomationRule> {
    const id = `${this.place.sentinel}/automationRules/${encodeURIComponent(name)}`;
    const body = { properties: sendable(properties), etag };
    return (await this.place.arm.put<AutomationRule>(id, PROVIDER, body, etag)).body;
  }

  private async again(): Promise<void> {
    await this.client.invalidateQueries({ queryKey: this.key });
  }
}

function switched(properties: RuleProperties, isEnabled: boolean): RuleProperties {
  return { ...properties, triggeringLogic: { ...properties.triggeringLogic, isEnabled } };
}
