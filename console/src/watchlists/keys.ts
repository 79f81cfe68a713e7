// The keys of the watchlists and of the items of one.
import { listScope } from "~/keys/list";
import type { Scope } from "~/keys/bindings";

export const WATCHLISTS = listScope("watchlists", "Watchlists", "watchlist", [
  { keys: "n", action: "watchlists.new", label: "New watchlist, of pasted lines or a file" },
  { keys: "e", action: "watchlists.edit", label: "Edit name and description" },
  { keys: "a", action: "watchlists.add", label: "Add lines to the watchlist" },
  { keys: "o", action: "watchlists.query", label: "Query the watchlist" },
  { keys: "Delete", action: "watchlists.delete", label: "Delete the selected watchlists" },
]);

export const WATCHLIST_ITEMS: Scope = {
  name: "watchlist",
  title: "Items of a watchlist",
  bindings: [
    { keys: "j", action: "items.next", label: "Next item" },
    { keys: "k", action: "items.previous", label: "Previous item" },
    { keys: "x", action: "items.choose", label: "Select the item, or not" },
    { keys: "n", action: "items.new", label: "New item" },
    { keys: "e", action: "items.edit", label: "Edit the item where it stands (Enter saves, Esc leaves it)" },
    { keys: "Enter", action: "items.edit", label: "Edit the item where it stands" },
    { keys: "a", action: "items.add", label: "Add lines" },
    { keys: "o", action: "items.query", label: "Query the watchlist" },
    { keys: "Delete", action: "items.delete", label: "Delete the selected items" },
    { keys: "Escape", action: "items.close", label: "Back to the list" },
  ],
};
