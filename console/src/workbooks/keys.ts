// The keys of the workbooks' pages.
import type { Scope } from "~/keys/bindings";

export const WORKBOOK_LIST_KEYS: Scope = {
  name: "workbooks",
  title: "Workbooks",
  bindings: [
    { keys: "j", action: "workbooks.next", label: "Next workbook" },
    { keys: "k", action: "workbooks.previous", label: "Previous workbook" },
    { keys: "Enter", action: "workbooks.open", label: "Open" },
    { keys: "n", action: "workbooks.new", label: "New workbook" },
    { keys: "a", action: "workbooks.all", label: "This workspace's, or all" },
  ],
};

export const WORKBOOK_KEYS: Scope = {
  name: "workbook",
  title: "Workbook",
  bindings: [
    { keys: "e", action: "workbook.edit", label: "Edit, or leave it" },
    { keys: "r", action: "workbook.refresh", label: "Ask everything anew" },
    { keys: "f", action: "workbook.full", label: "Full screen, or back" },
    { keys: "Escape", action: "workbook.back", label: "Back" },
    { keys: "Ctrl+s", action: "workbook.save", label: "Save", whileTyping: true },
  ],
};
