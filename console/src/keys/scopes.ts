// All scopes of keys, for the page that lists them and for the test that presses each.
import { INDICATORS } from "~/intelligence/keys";
import { HUNTING, HUNTS } from "~/hunting/keys";
import { CONNECTORS } from "~/connectors/keys";
import { BOOKMARKS } from "~/bookmarks/keys";
import { DEPLOYMENTS } from "~/deployments/keys";
import { DRIFT } from "~/drift/keys";
import { HEALTH } from "~/health/keys";
import { AUTOMATION_RULES, PLAYBOOKS } from "~/automation/keys";
import { WATCHLIST_ITEMS, WATCHLISTS } from "~/watchlists/keys";
import { INCIDENT_SCOPE } from "~/incident/keys";
import { QUEUE, TRIAGE } from "~/incidents/keys";
import { QUERY } from "~/query/keys";
import { RULE_EDITOR, RULE_LIST } from "~/rules/keys";
import { WORKBOOK_KEYS, WORKBOOK_LIST_KEYS } from "~/workbooks/keys";
import { EVERYWHERE, type Scope } from "./bindings";

export const SCOPES: readonly Scope[] = [
  EVERYWHERE, // a line each, so that landings do not meet
  TRIAGE,
  QUEUE,
  INCIDENT_SCOPE,
  QUERY,
  RULE_LIST,
  RULE_EDITOR,
  HUNTING,
  HUNTS,
  BOOKMARKS,
  WORKBOOK_LIST_KEYS,
  WORKBOOK_KEYS,
  WATCHLISTS,
  WATCHLIST_ITEMS,
  HEALTH,
  DEPLOYMENTS,
  DRIFT,
  INDICATORS,
  AUTOMATION_RULES,
  CONNECTORS,
  PLAYBOOKS,
];
