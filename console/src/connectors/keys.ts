// The keys of the connectors.
import { listScope } from "~/keys/list";

export const CONNECTORS = listScope("connectors", "Connectors", "row", [
  { keys: "o", action: "connectors.query", label: "The newest rows of the table" },
  { keys: "v", action: "connectors.view", label: "Next view" },
]);
