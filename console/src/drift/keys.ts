// The keys of drift.
import { listScope } from "~/keys/list";

export const DRIFT = listScope("drift", "Drift", "rule", [
  { keys: "t", action: "drift.take", label: "Take the template's version" },
  { keys: "o", action: "drift.rule", label: "Open the rule" },
]);
