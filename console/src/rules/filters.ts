// Which rules of the list are shown: the values of the address, and what each keeps.
import type { Activity } from "./activity";
import type { Drift } from "./drift";
import { isAutoDisabled, isQueryKind, type Rule } from "./model";
import type { KeptTests } from "./rule_tests";

/** A rule with all that the list says about it. */
export interface Row {
  readonly rule: Rule;
  readonly activity: Activity | undefined;
  readonly drift: Drift;
  readonly tests: KeptTests | undefined;
  /** Something that was written in this browser is not saved. */
  readonly isDrafted: boolean;
}

export interface Filters {
  readonly search: string;
  readonly kind: string;
  readonly enabled: string;
  readonly severity: string;
  readonly tactic: string;
  /** failing, fired, silent, drift, tests, autodisabled. */
  readonly only: string;
  readonly sort: string;
}

export const ONLY = {
  failing: "last run failed",
  autodisabled: "disabled by the server",
  fired: "fired in 14 days",
  silent: "never fired in 14 days",
  drift: "differs from its template",
  failingTests: "tests fail",
  untested: "no tests",
  drafts: "not saved",
} as const;

export const SORTS = { name: "name", lastRun: "last run", fires: "fires", severity: "severity" } as const;

export function filtered(rows: readonly Row[], filters: Filters): Row[] {
  const words = filters.search.toLowerCase().split(/\s+/).filter(Boolean);
  return rows
    .filter(({ rule }) => {
      const { properties } = rule;
      if (filters.kind && rule.kind !== filters.kind) return false;
      if (filters.enabled && String(properties.enabled) !== filters.enabled) return false;
      if (filters.severity && properties.severity !== filters.severity) return false;
      if (filters.tactic && !properties.tactics?.includes(filters.tactic)) return false;
      if (words.length === 0) return true;
      const text = [
        properties.displayName,
        rule.name,
        properties.description,
        properties.query,
        ...(properties.techniques ?? []),
        ...(properties.subTechniques ?? []),
      ]
        .join(" ")
        .toLowerCase();
      return words.every((word) => text.includes(word));
    })
    .filter((row) => isOnly(row, filters.only))
    .sort((a, b) => order(a, b, filters.sort));
}

function isOnly(row: Row, only: string): boolean {
  switch (only) {
    case "failing":
      return row.activity?.status === "Failure";
    case "autodisabled":
      return isAutoDisabled(row.rule);
    case "fired":
      return fires(row) > 0;
    case "silent":
      return row.rule.properties.enabled && fires(row) === 0;
    case "drift":
      return ["behind", "changed", "gone"].includes(row.drift.state);
    case "failingTests":
      return (row.tests?.lastRun?.failed ?? 0) > 0;
    case "untested":
      return row.tests === undefined && isQueryKind(row.rule.kind);
    case "drafts":
      return row.isDrafted;
    default:
      return true;
  }
}

export function fires(row: Row): number {
  return (row.activity?.fires ?? []).reduce((sum, each) => sum + each, 0);
}

const GRAVITY = ["High", "Medium", "Low", "Informational"];

function order(a: Row, b: Row, sort: string): number {
  const byName = a.rule.properties.displayName.localeCompare(b.rule.properties.displayName);
  if (sort === "lastRun") return (b.activity?.lastRun ?? "").localeCompare(a.activity?.lastRun ?? "") || byName;
  if (sort === "fires") return fires(b) - fires(a) || byName;
  if (sort === "severity") return gravity(a) - gravity(b) || byName;
  return byName;
}

function gravity(row: Row): number {
  const at = GRAVITY.indexOf(row.rule.properties.severity ?? "");
  return at < 0 ? GRAVITY.length : at;
}
