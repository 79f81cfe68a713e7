// Every key of the console as data: pages bind actions to them, `?` lists them, a test presses each.

export interface Binding {
  /** Keys one after the other with blanks between: "g i", "Ctrl+Enter", "Shift+j". */
  readonly keys: string;
  /** What a page binds a handler to: "incident.assignToMe". */
  readonly action: string;
  readonly label: string;
  /** Also while a text is being typed (Ctrl+Enter in the editor). */
  readonly whileTyping?: boolean;
}

export interface Scope {
  readonly name: string;
  readonly title: string;
  readonly bindings: readonly Binding[];
}

/** Keys that work everywhere. */
export const EVERYWHERE: Scope = {
  name: "everywhere",
  title: "Everywhere",
  bindings: [
    { keys: "g i", action: "go.incidents", label: "Incidents" },
    { keys: "g q", action: "go.query", label: "Query" },
    { keys: "g r", action: "go.rules", label: "Rules" },
    { keys: "g h", action: "go.hunting", label: "Hunting" },
    { keys: "g m", action: "go.bookmarks", label: "Bookmarks" },
    { keys: "g w", action: "go.watchlists", label: "Watchlists" },
    { keys: "g t", action: "go.intelligence", label: "Intelligence" },
    { keys: "g b", action: "go.workbooks", label: "Workbooks" },
    { keys: "g a", action: "go.automation", label: "Automation" },
    { keys: "g c", action: "go.connectors", label: "Connectors" },
    { keys: "g e", action: "go.health", label: "Health" },
    { keys: "g d", action: "go.deployments", label: "Deployments" },
    { keys: "g f", action: "go.drift", label: "Drift" },
    { keys: "g s", action: "go.settings", label: "Settings" },
    { keys: "/", action: "page.search", label: "Search on this page" },
    {
      keys: "Ctrl+k",
      action: "palette.open",
      label: "Jump to a page, an incident, a rule, a table",
      whileTyping: true,
    },
    { keys: "?", action: "help.open", label: "The keys of this page" },
    { keys: "u", action: "time.zone", label: "UTC or local time" },
    { keys: "[", action: "time.back", label: "Time window back" },
    { keys: "]", action: "time.forward", label: "Time window forward" },
    { keys: ".", action: "page.loadNew", label: "Show new rows" },
    { keys: "z", action: "edit.undo", label: "Undo (for 10 seconds)" },
    { keys: "Shift+d", action: "theme.toggle", label: "Light or dark" },
    { keys: "y", action: "page.copyLink", label: "Copy a link to this" },
    { keys: "Shift+y", action: "page.copyCall", label: "Copy this as an API call (curl)" },
  ],
};
