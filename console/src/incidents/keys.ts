// The keys of triage, which hold in the queue, its preview and the page of an incident alike, and those of the queue.
import type { Scope } from "~/keys/bindings";

export const TRIAGE: Scope = {
  name: "triage",
  title: "Triage",
  bindings: [
    { keys: "a", action: "incident.assignToMe", label: "Assign to me" },
    { keys: "Shift+a", action: "incident.assign", label: "Assign to …" },
    { keys: "s n", action: "incident.new", label: "Status New" },
    { keys: "s a", action: "incident.active", label: "Status Active" },
    { keys: "c t", action: "incident.close.t", label: "Close: true positive" },
    { keys: "c b", action: "incident.close.b", label: "Close: benign positive, suspicious but expected" },
    { keys: "c f", action: "incident.close.f", label: "Close: false positive, incorrect alert logic" },
    { keys: "c d", action: "incident.close.d", label: "Close: false positive, inaccurate data" },
    { keys: "c u", action: "incident.close.u", label: "Close: undetermined" },
    { keys: "c Tab", action: "incident.close", label: "Close with a comment" },
    { keys: "v 1", action: "incident.severity.High", label: "Severity High" },
    { keys: "v 2", action: "incident.severity.Medium", label: "Severity Medium" },
    { keys: "v 3", action: "incident.severity.Low", label: "Severity Low" },
    { keys: "v 4", action: "incident.severity.Informational", label: "Severity Informational" },
    { keys: "l", action: "incident.labels", label: "Labels" },
    { keys: "m", action: "incident.comment", label: "Comment" },
    { keys: "t", action: "incident.task", label: "Add a task" },
    { keys: "p", action: "incident.playbook", label: "Run a playbook" },
    { keys: "o", action: "incident.query", label: "Open the alert's query" },
  ],
};

export const QUEUE: Scope = {
  name: "incidents",
  title: "Incidents",
  bindings: [
    { keys: "j", action: "queue.next", label: "Next row" },
    { keys: "k", action: "queue.previous", label: "Previous row" },
    { keys: "Shift+j", action: "queue.extendDown", label: "Extend the choice downwards" },
    { keys: "Shift+k", action: "queue.extendUp", label: "Extend the choice upwards" },
    { keys: "x", action: "queue.choose", label: "Choose the row, or not" },
    { keys: "Ctrl+a", action: "queue.chooseAll", label: "Choose all rows" },
    { keys: "Escape", action: "queue.chooseNone", label: "Choose none" },
    { keys: "Enter", action: "queue.open", label: "Open the incident" },
    { keys: "f", action: "queue.filter", label: "Filter" },
    { keys: "Shift+f", action: "queue.noFilter", label: "Take the filters away" },
    { keys: "Shift+o", action: "queue.order", label: "Order" },
    { keys: "w", action: "queue.views", label: "Views" },
    { keys: "Shift+s", action: "queue.saveView", label: "Save this view" },
  ],
};
