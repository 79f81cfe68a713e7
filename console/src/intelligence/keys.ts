// The keys of the indicators.
import { listScope } from "~/keys/list";

export const INDICATORS = listScope("intelligence", "Indicators", "indicator", [
  { keys: "n", action: "intelligence.new", label: "New indicator" },
  { keys: "e", action: "intelligence.edit", label: "Edit the indicator" },
  { keys: "l", action: "intelligence.tag", label: "Add tags to the selected indicators" },
  { keys: "r", action: "intelligence.revoke", label: "Revoke the selected indicators" },
  { keys: "o", action: "intelligence.query", label: "Where it was seen, as a query" },
  { keys: "Delete", action: "intelligence.delete", label: "Delete the selected indicators" },
]);
