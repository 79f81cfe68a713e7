// Watchlists and their items as the management API has them.
// https://learn.microsoft.com/rest/api/securityinsights/watchlists
import type { Resource } from "~/api/arm";

export const PROVIDER = "Microsoft.SecurityInsights";
export const WRITE = "Microsoft.SecurityInsights/watchlists/write";
export const DELETE = "Microsoft.SecurityInsights/watchlists/delete";
export const ITEM_WRITE = "Microsoft.SecurityInsights/watchlists/watchlistItems/write";
export const ITEM_DELETE = "Microsoft.SecurityInsights/watchlists/watchlistItems/delete";

/** An alias: letters, digits, `-` and `_`, beginning and ending with a letter or digit. */
export const ALIAS = /^[A-Za-z0-9](?:[A-Za-z0-9_-]{1,62}[A-Za-z0-9])$/;

export interface WatchlistProperties {
  readonly watchlistAlias: string;
  readonly displayName: string;
  readonly description?: string;
  readonly provider?: string;
  readonly source?: string;
  readonly itemsSearchKey: string;
  readonly labels?: readonly string[];
  readonly defaultDuration?: string;
  readonly created?: string;
  readonly updated?: string;
  readonly createdBy?: { readonly name?: string; readonly email?: string };
  readonly updatedBy?: { readonly name?: string; readonly email?: string };
  readonly provisioningState?: string;
  readonly uploadStatus?: string;
}

export type Watchlist = Resource<WatchlistProperties>;

export interface ItemProperties {
  readonly itemsKeyValue: Readonly<Record<string, unknown>>;
  readonly entityMapping?: Readonly<Record<string, unknown>>;
  readonly updated?: string;
}

export type Item = Resource<ItemProperties>;

/** The number of items of each watchlist, by its alias in lower case. */
export const COUNTS = `Watchlist
| where TimeGenerated > ago(14d) and _DTItemType == "watchlist-item"
| summarize arg_max(_DTTimestamp, _DTItemStatus, WatchlistAlias) by _DTItemId
| where _DTItemStatus != "Delete"
| summarize Items = count() by Alias = tolower(WatchlistAlias)`;

/** The columns of items: the search key first, then in the order in which they come. */
export function columnsOf(items: readonly Item[], key: string): string[] {
  const names = new Set(key ? [key] : []);
  for (const { properties } of items) for (const name of Object.keys(properties.itemsKeyValue)) names.add(name);
  return [...names];
}

export function textOf(value: unknown): string {
  if (value === undefined || value === null) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** What a write of a watchlist may say. */
export function sendable({
  watchlistAlias,
  displayName,
  description,
  provider,
  source,
  itemsSearchKey,
  labels,
  defaultDuration,
}: WatchlistProperties): WatchlistProperties {
  return {
    watchlistAlias,
    displayName,
    provider: provider || "Vedette",
    source: source || "Local file",
    itemsSearchKey,
    ...(description ? { description } : {}),
    ...(labels && labels.length > 0 ? { labels } : {}),
    ...(defaultDuration ? { defaultDuration } : {}),
  };
}
