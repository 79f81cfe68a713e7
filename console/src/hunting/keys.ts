// The keys of hunting.
import { listScope } from "~/keys/list";

export const HUNTING = listScope("hunting", "Hunting", "query", [
  { keys: "r", action: "hunting.run", label: "Run the selected queries" },
  { keys: "Shift+r", action: "hunting.runAll", label: "Run all that are listed" },
  { keys: "b", action: "hunting.bookmark", label: "Keep rows of the query as bookmarks" },
  { keys: "o", action: "hunting.query", label: "Open the query" },
  { keys: "p", action: "hunting.promote", label: "Make a rule of the query" },
  { keys: "f", action: "hunting.follow", label: "Follow the query live" },
  { keys: "n", action: "hunting.new", label: "New hunting query" },
  { keys: "e", action: "hunting.edit", label: "Edit the query" },
  { keys: "Delete", action: "hunting.delete", label: "Delete the selected queries" },
]);

export const HUNTS = listScope("hunts", "Hunts", "hunt", [
  { keys: "n", action: "hunts.new", label: "New hunt" },
  { keys: "e", action: "hunts.edit", label: "Edit the hunt" },
  { keys: "q", action: "hunts.add", label: "Add a query to the hunt" },
  { keys: "Delete", action: "hunts.delete", label: "Delete the selected hunts" },
]);
