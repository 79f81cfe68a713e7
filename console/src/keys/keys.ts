// Listens to the keyboard for the whole page. It stands outside components, so that a sequence that was begun survives a
// re-render, and it knows only actions: which handler an action has is the mounted page's matter.
import { EVERYWHERE, type Binding, type Scope } from "./bindings";

type Handler = () => void;

const PATIENCE = 1200; // milliseconds between the keys of a sequence

let scopes: readonly Scope[] = [EVERYWHERE];
const handlers = new Map<string, Handler[]>();
let pressed: string[] = [];
let last = 0;
const watchers = new Set<() => void>();

/** Tell whenever the scopes or the begun sequence change. */
export function watchKeys(watcher: () => void): () => void {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
}

/** The scopes that hold now, the page's last. */
export function currentScopes(): readonly Scope[] {
  return scopes;
}

/** The keys of a sequence that was begun: "g" while another key is waited for. */
export function begun(): string {
  return pressed.join(" ");
}

/** Bring in the keys of a page or a dialog; gives what takes them away again. */
export function enterScope(scope: Scope): () => void {
  scopes = [...scopes, scope];
  changed();
  return () => {
    scopes = scopes.filter((each) => each !== scope);
    changed();
  };
}

/** Give an action its handler; the newest one counts. Gives what takes it away again. */
export function handle(action: string, handler: Handler): () => void {
  const before = handlers.get(action) ?? [];
  handlers.set(action, [...before, handler]);
  return () =>
    handlers.set(
      action,
      (handlers.get(action) ?? []).filter((each) => each !== handler),
    );
}

/**
 * Do what an action's key does; false when nothing on this page does it. Before, the document has an event
 * `vedette:action` with the action's name: whoever cancels it keeps the action from being done.
 */
export function perform(action: string): boolean {
  const handler = handlers.get(action)?.at(-1);
  if (!handler) return false;
  const announced = new CustomEvent("vedette:action", { detail: action, cancelable: true });
  if (globalThis.document?.dispatchEvent(announced) ?? true) handler();
  return true;
}

/** How a key event is written in a binding. */
export function keyOf(
  event: Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "altKey" | "shiftKey" | "code">,
): string {
  const letter = event.key.length === 1;
  // With Alt some layouts make another character of the key; its place tells which it was.
  const base =
    event.altKey && /^(Key|Digit)/.test(event.code) ? event.code.replace(/^(Key|Digit)/, "").toLowerCase() : event.key;
  const named = letter && /[a-z]/i.test(base) ? base.toLowerCase() : base;
  const shift = event.shiftKey && (!letter || /[a-z]/i.test(base) || event.altKey);
  const control = event.ctrlKey || event.metaKey;
  return `${control ? "Ctrl+" : ""}${event.altKey ? "Alt+" : ""}${shift ? "Shift+" : ""}${named}`;
}

/** Whether keys go into a text where the event is. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable) return true;
  if (target instanceof HTMLInputElement)
    return !["checkbox", "radio", "button", "range", "submit"].includes(target.type);
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement;
}

/** Whether Enter and the space bar work what has the focus. */
function isOperable(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    target.closest("button, a[href], summary, select, input, [role=tab], [role=option]") !== null
  );
}

const MODIFIERS = new Set(["Control", "Shift", "Alt", "Meta", "AltGraph"]);

/** Take one key; true when it was ours. */
export function press(key: string, now: number, typing: boolean): boolean {
  if (now - last > PATIENCE) pressed = [];
  last = now;
  const sequence = [...pressed, key].join(" ");
  const open = bindings().filter((each) => !typing || each.whileTyping);
  const whole = open.findLast((each) => each.keys === sequence);
  if (whole) {
    pressed = [];
    changed();
    return perform(whole.action);
  }
  if (open.some((each) => each.keys.startsWith(`${sequence} `))) {
    pressed = sequence.split(" ");
    changed();
    return true;
  }
  const wasBegun = pressed.length > 0;
  pressed = [];
  changed();
  return wasBegun ? press(key, now, typing) : false;
}

function bindings(): Binding[] {
  return scopes.flatMap((scope) => scope.bindings);
}

function changed(): void {
  for (const watcher of watchers) watcher();
}

/** Listen to a document's keyboard; gives what stops it. */
export function listen(document: Document): () => void {
  const heard = (event: KeyboardEvent): void => {
    if (event.defaultPrevented || event.isComposing || MODIFIERS.has(event.key)) return;
    if (document.querySelector("dialog[open]") && !bindsInDialog(event)) return;
    const isPlain = !event.ctrlKey && !event.metaKey && !event.altKey;
    if (isPlain && (event.key === "Enter" || event.key === " ") && isOperable(event.target)) return;
    if (press(keyOf(event), event.timeStamp, isTyping(event.target))) event.preventDefault();
  };
  document.addEventListener("keydown", heard);
  return () => document.removeEventListener("keydown", heard);
}

/** While a dialog is open, only the keys of scopes that a dialog brought in count. */
function bindsInDialog(event: KeyboardEvent): boolean {
  const top = scopes.at(-1);
  return (
    top !== undefined &&
    top.name.startsWith("dialog.") &&
    top.bindings.some((each) => each.keys.split(" ").includes(keyOf(event)))
  );
}
