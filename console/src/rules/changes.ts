// Writes of many rules: enabling, disabling, deleting, importing, each with a way back.
import type { QueryClient } from "@tanstack/react-query";
import { ApiError } from "~/api/errors";
import { done, failed } from "~/parts/toast";
import type { Place } from "~/shell/place";
import { isAutoDisabled, repaired, sendable, type Rule, type RuleBody } from "./model";
import type { NamedRule } from "./named_rule";
import { PROVIDER, rulesKey } from "./useRules";

const AT_A_TIME = 4;

export class RuleChanges {
  constructor(
    private readonly place: Place,
    private readonly client: QueryClient,
  ) {}

  /** Enable or disable rules; what the server disabled gets its name and description back. */
  async enable(rules: readonly Rule[], enabled: boolean): Promise<void> {
    const changing = rules.filter((rule) => rule.properties.enabled !== enabled);
    if (changing.length === 0) return;
    const written = await this.each(changing, (rule) => this.write(rule.name, switched(rule, enabled), rule.etag));
    this.tell(enabled ? "enabled" : "disabled", written, () =>
      this.each(written.done, ({ item, value }) => this.write(item.name, bodyOf(item), value.etag)),
    );
  }

  /** Put other bodies in the place of rules, on the ETag that each was read with. */
  async replace(wanted: readonly { readonly rule: Rule; readonly body: RuleBody }[]): Promise<void> {
    const written = await this.each(wanted, ({ rule, body }) => this.write(rule.name, body, rule.etag));
    this.tell("updated", written, () =>
      this.each(written.done, ({ item, value }) => this.write(item.rule.name, bodyOf(item.rule), value.etag)),
    );
  }

  /** Delete rules; taken back, each comes again under its name. */
  async remove(rules: readonly Rule[]): Promise<void> {
    const removed = await this.each(rules, (rule) => this.place.arm.remove(rule.id, PROVIDER));
    this.tell("deleted", removed, () =>
      this.each(removed.done, ({ item }) => this.write(item.name, bodyOf(item), undefined)),
    );
  }

  /** Write rules under their names, new ones and those that are there. Gives how many were written. */
  async bring(rules: readonly NamedRule[]): Promise<number> {
    const written = await this.each(rules, (rule) => this.write(rule.name, rule, undefined));
    this.tell("imported", written);
    return written.done.length;
  }

  private async write(name: string, body: RuleBody, etag: string | undefined): Promise<Rule> {
    const id = `${this.place.sentinel}/alertRules/${encodeURIComponent(name)}`;
    return (await this.place.arm.put<Rule>(id, PROVIDER, sendable(body), etag)).body;
  }

  /** Several at a time; what fails is told and keeps no other from being done. */
  private async each<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<Outcome<T, R>> {
    const outcome: Outcome<T, R> = { done: [], failures: [] };
    const waiting = [...items];
    const worker = async (): Promise<void> => {
      for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) {
        try {
          outcome.done.push({ item, value: await work(item) });
        } catch (error) {
          outcome.failures.push(error);
        }
      }
    };
    await Promise.all(Array.from({ length: AT_A_TIME }, worker));
    await this.client.invalidateQueries({ queryKey: rulesKey(this.place.sentinel) });
    return outcome;
  }

  private tell<T, R>(verb: string, outcome: Outcome<T, R>, undo?: () => Promise<Outcome<unknown, unknown>>): void {
    const count = outcome.done.length;
    const first = outcome.failures[0];
    if (first !== undefined) {
      const stale = first instanceof ApiError && (first.status === 409 || first.status === 412);
      failed(
        `${rulesText(outcome.failures.length)} could not be ${verb}.${stale ? " Somebody changed it meanwhile; look again." : ""}`,
        first,
      );
    }
    if (count === 0) return;
    const back = async (): Promise<void> => {
      const again = await undo?.();
      if (again?.failures[0] !== undefined) failed("It could not be taken back.", again.failures[0]);
    };
    done(`${rulesText(count)} ${verb}`, undo && (() => void back()));
  }
}

interface Outcome<T, R> {
  readonly done: { readonly item: T; readonly value: R }[];
  readonly failures: unknown[];
}

function rulesText(count: number): string {
  return count === 1 ? "1 rule" : `${count} rules`;
}

function bodyOf(rule: Rule): RuleBody {
  return { kind: rule.kind ?? "Scheduled", properties: rule.properties };
}

function switched(rule: Rule, enabled: boolean): RuleBody {
  const body = bodyOf(rule);
  if (enabled && isAutoDisabled(rule)) return { ...body, properties: repaired(body.properties) };
  return { ...body, properties: { ...body.properties, enabled } };
}
