// The keys of the query page.
import type { Scope } from "~/keys/bindings";

export const QUERY: Scope = {
  name: "query",
  title: "Query",
  bindings: [
    {
      keys: "Ctrl+Enter",
      action: "query.run",
      label: "Run the selection, or the query at the cursor",
      whileTyping: true,
    },
    { keys: "e", action: "query.edit", label: "To the editor" },
    { keys: "Alt+1", action: "query.grid", label: "Result as a grid", whileTyping: true },
    { keys: "Alt+2", action: "query.chart", label: "Result as a chart", whileTyping: true },
    { keys: "Alt+3", action: "query.json", label: "Result as JSON", whileTyping: true },
  ],
};
