// The keys of the bookmarks.
import { listScope } from "~/keys/list";

export const BOOKMARKS = listScope("bookmarks", "Bookmarks", "bookmark", [
  { keys: "n", action: "bookmarks.new", label: "New bookmark" },
  { keys: "e", action: "bookmarks.edit", label: "Edit the bookmark" },
  { keys: "o", action: "bookmarks.query", label: "Open the query at its time" },
  { keys: "i", action: "bookmarks.link", label: "Add the selected bookmarks to an incident" },
  { keys: "Shift+i", action: "bookmarks.incident", label: "Make an incident of the selected bookmarks" },
  { keys: "Delete", action: "bookmarks.delete", label: "Delete the selected bookmarks" },
]);
