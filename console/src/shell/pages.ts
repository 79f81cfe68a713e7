// The pages of the console: where each is, how it is called, what goes there. A page is one line here.
import { lazy, type ComponentType, type LazyExoticComponent } from "react";

export interface Page {
  /** Its place in the address, and the name of its action: `go.incidents`. */
  readonly key: string;
  readonly title: string;
  /** The path under the workspace, in wouter's terms; `incidents/:number?`. */
  readonly path: string;
  readonly component: LazyExoticComponent<ComponentType>;
  /** Fetch its code before it is shown. */
  readonly load: () => Promise<unknown>;
}

function page(key: string, title: string, load: () => Promise<{ default: ComponentType }>, path = `${key}/*?`): Page {
  return { key, title, path, component: lazy(load), load };
}

export const PAGES: readonly Page[] = [
  page("incidents", "Incidents", () => import("~/incidents/IncidentsPage")),
  page("query", "Query", () => import("~/query/QueryPage")),
  page("rules", "Rules", () => import("~/rules/RulesPage")),
  page("hunting", "Hunting", () => import("~/hunting/HuntingPage")),
  page("bookmarks", "Bookmarks", () => import("~/bookmarks/BookmarksPage")),
  page("watchlists", "Watchlists", () => import("~/watchlists/WatchlistsPage")),
  page("intelligence", "Intelligence", () => import("~/intelligence/IntelligencePage")),
  page("workbooks", "Workbooks", () => import("~/workbooks/WorkbooksPage")),
  page("automation", "Automation", () => import("~/automation/AutomationPage")),
  page("connectors", "Connectors", () => import("~/connectors/ConnectorsPage")),
  page("health", "Health", () => import("~/health/HealthPage")),
  page("deployments", "Deployments", () => import("~/deployments/DeploymentsPage")),
  page("drift", "Drift", () => import("~/drift/DriftPage")),
  page("settings", "Settings", () => import("~/settings/SettingsPage")),
];

/** Pages of one thing, which its list leads to. */
export const DETAILS: readonly Page[] = [
  page("incident", "Incident", () => import("~/incident/IncidentPage"), "incidents/:name"),
];

/** Fetch the code of the page that an address is of, while it is asked who is there. */
export function preload(pathname: string): void {
  const [, , , , key, name] = pathname.split("/");
  const page = (name ? DETAILS : PAGES).find((each) => each.path.startsWith(`${key ?? "incidents"}/`));
  void page?.load();
}
