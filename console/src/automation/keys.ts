// The keys of automation: rules in their order, and playbooks.
import { listScope } from "~/keys/list";

export const AUTOMATION_RULES = listScope("automation", "Automation rules", "rule", [
  { keys: "n", action: "automation.new", label: "New automation rule" },
  { keys: "e", action: "automation.enable", label: "Enable or disable the selected rules" },
  { keys: "Shift+ArrowUp", action: "automation.up", label: "Move the rule up" },
  { keys: "Shift+ArrowDown", action: "automation.down", label: "Move the rule down" },
  { keys: "t", action: "automation.dryRun", label: "Dry run on an incident" },
  { keys: "Delete", action: "automation.delete", label: "Delete the selected rules" },
  { keys: "v", action: "automation.view", label: "Playbooks" },
]);

export const PLAYBOOKS = listScope("playbooks", "Playbooks", "playbook", [
  { keys: "r", action: "playbooks.run", label: "Run the playbook on an incident" },
  { keys: "e", action: "playbooks.enable", label: "Enable or disable the playbook" },
  { keys: "v", action: "automation.view", label: "Automation rules" },
]);
