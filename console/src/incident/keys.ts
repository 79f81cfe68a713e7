// The keys of the incident page, beside those of the triage grammar.
import type { Scope } from "~/keys/bindings";
import { KIND_TITLES, KINDS } from "./timelineItems";

export const INCIDENT_SCOPE: Scope = {
  name: "incident",
  title: "Incident",
  bindings: [
    { keys: "j", action: "incident.next", label: "The next incident of the queue" },
    { keys: "k", action: "incident.previous", label: "The previous incident of the queue" },
    { keys: "Escape", action: "incident.back", label: "Back to the queue" },
    ...KINDS.map((kind, index) => ({
      keys: `${index + 1}`,
      action: `timeline.${kind}`,
      label: `${KIND_TITLES[kind]} in the timeline`,
    })),
    { keys: "e", action: "section.evidence", label: "Evidence" },
    { keys: "w", action: "section.why", label: "Why it fired" },
    { keys: "f", action: "section.entities", label: "Entities: the focus goes to the graph" },
    { keys: "i", action: "section.alike", label: "Incidents alike" },
    { keys: "h", action: "section.tasks", label: "Tasks" },
    { keys: "r", action: "section.related", label: "Bookmarks and relations" },
    { keys: "Shift+r", action: "section.raw", label: "Raw JSON" },
    { keys: "b", action: "incident.bookmark", label: "Bookmark the chosen row of evidence" },
    { keys: "n", action: "alert.next", label: "The next alert's evidence" },
    { keys: "Shift+n", action: "alert.previous", label: "The previous alert's evidence" },
  ],
};
