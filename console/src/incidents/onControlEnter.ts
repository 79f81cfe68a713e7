// Ctrl+Enter (or ⌘+Enter) in a text sends the form that it is in.
import type { KeyboardEvent } from "react";

export function onControlEnter(send: () => void): (event: KeyboardEvent) => void {
  return (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    send();
  };
}
