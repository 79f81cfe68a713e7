// Keys of the health page.
import type { Scope } from "~/keys/bindings";

export const HEALTH: Scope = {
  name: "health",
  title: "Health",
  bindings: [
    { keys: "j", action: "health.next", label: "Next rule" },
    { keys: "k", action: "health.previous", label: "Previous rule" },
    { keys: "Enter", action: "health.open", label: "Open the rule" },
  ],
};
