// The keys of the list of rules and of the editor.
import type { Scope } from "~/keys/bindings";

export const RULE_LIST: Scope = {
  name: "rules",
  title: "Rules",
  bindings: [
    { keys: "j", action: "rules.next", label: "Next rule" },
    { keys: "k", action: "rules.previous", label: "Previous rule" },
    { keys: "Enter", action: "rules.open", label: "Edit the rule" },
    { keys: "x", action: "rules.choose", label: "Select the rule, or not" },
    { keys: "Shift+j", action: "rules.chooseNext", label: "Select, and go down" },
    { keys: "Shift+k", action: "rules.choosePrevious", label: "Select, and go up" },
    { keys: "Ctrl+a", action: "rules.chooseAll", label: "Select all that are listed, or none" },
    { keys: "n", action: "rules.new", label: "New rule" },
    { keys: "Shift+n", action: "rules.fromTemplate", label: "New rule from a template" },
    { keys: "e", action: "rules.enable", label: "Enable or disable the selected rules" },
    { keys: "Delete", action: "rules.delete", label: "Delete the selected rules" },
    { keys: "i", action: "rules.import", label: "Import rules from a file" },
    { keys: "o", action: "rules.export", label: "Export the selected rules" },
  ],
};

export const RULE_EDITOR: Scope = {
  name: "rule",
  title: "Rule",
  bindings: [
    { keys: "Ctrl+Enter", action: "rule.preview", label: "Preview: what it finds now", whileTyping: true },
    { keys: "Ctrl+b", action: "rule.backtest", label: "Backtest: what it would have found", whileTyping: true },
    { keys: "Ctrl+t", action: "rule.tests", label: "Run the tests", whileTyping: true },
    { keys: "t", action: "rule.tests", label: "Run the tests (a browser may keep Ctrl+T for itself)" },
    { keys: "Ctrl+s", action: "rule.save", label: "Save", whileTyping: true },
    { keys: "d", action: "rule.diff", label: "What was changed since it was saved" },
    { keys: "e", action: "rule.enable", label: "Enable or disable" },
    { keys: "r", action: "rule.runs", label: "Runs, and why it did not fire" },
    { keys: "Escape", action: "rule.close", label: "Back to the list" },
  ],
};
