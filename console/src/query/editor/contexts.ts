// Which workspace a text is a query of: what the providers of Monaco, which are shared by all editors, ask for.
import type { editor } from "monaco-editor/esm/vs/editor/editor.api";
import type { Place } from "~/shell/place";
import { statementAt, type Statement } from "./statements";

export interface Context {
  readonly place: Place;
  /** The text is one query, whatever blank lines it has. */
  readonly whole: boolean;
  /** Whoever runs it confines it to a time, so a table without one is no mistake. */
  readonly confined: boolean;
}

const contexts = new WeakMap<editor.ITextModel, Context>();

export function setContext(model: editor.ITextModel, context: Context): void {
  contexts.set(model, context);
}

export function contextOf(model: editor.ITextModel): Context | undefined {
  return contexts.get(model);
}

/** The query at an offset of a model's text. */
export function queryAt(model: editor.ITextModel, offset: number): Statement | undefined {
  const text = model.getValue();
  if (contextOf(model)?.whole) return { start: 0, end: text.length, text };
  return statementAt(text, offset);
}
