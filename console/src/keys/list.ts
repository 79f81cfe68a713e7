// The keys that every list with details has, to which a page adds its own.
import type { Binding, Scope } from "./bindings";

export function listScope(name: string, title: string, one: string, more: readonly Binding[]): Scope {
  return {
    name,
    title,
    bindings: [
      { keys: "j", action: "list.next", label: `Next ${one}` },
      { keys: "k", action: "list.previous", label: `Previous ${one}` },
      { keys: "x", action: "list.choose", label: `Select the ${one}, or not` },
      { keys: "Shift+j", action: "list.chooseNext", label: "Select, and go down" },
      { keys: "Shift+k", action: "list.choosePrevious", label: "Select, and go up" },
      { keys: "Enter", action: "list.open", label: `Open the ${one}` },
      ...more,
    ],
  };
}
