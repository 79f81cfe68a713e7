// A rule on the server: where it is, and as what a draft is made from.
import type { Place } from "~/shell/place";
import type { Rule } from "../model";
import type { Saved } from "./drafts";

export function ruleKey(place: Place, name: string): readonly string[] {
  return ["alertRule", place.sentinel, name];
}

export function ruleIdOf(place: Place, name: string): string {
  return `${place.sentinel}/alertRules/${encodeURIComponent(name)}`;
}

export function savedOf(rule: Rule): Saved {
  return { kind: rule.kind ?? "Scheduled", properties: rule.properties, etag: rule.etag ?? "" };
}
