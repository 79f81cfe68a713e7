// Colours by what a word means, which the language service knows: a class a kind, coloured in editor.css.
import type { editor } from "monaco-editor/esm/vs/editor/editor.api";
import { monaco } from "./monaco";
import { kusto, onSchema } from "./worker";

/** Kusto.Language.Editor.ClassificationKind by number; plain text and punctuation keep the editor's colour. */
const KINDS: Readonly<Record<number, string>> = {
  1: "comment",
  3: "keyword",
  4: "literal",
  5: "string",
  6: "type",
  7: "column",
  8: "table",
  9: "table",
  10: "function",
  11: "variable",
  12: "variable",
  14: "variable",
  15: "variable",
  16: "keyword",
  18: "keyword",
  19: "keyword",
  20: "keyword",
  21: "table",
  22: "column",
  23: "variable",
  24: "option",
};
const PAUSE = 120; // milliseconds after a key

/** Keep a model coloured; gives what stops it. */
export function keepColoured(model: editor.ITextModel): () => void {
  let shown: string[] = [];
  let timer = 0;
  const colour = async (): Promise<void> => {
    const version = model.getVersionId();
    const worker = await kusto(model.uri);
    const ranges = await worker.doColorization(model.uri.toString(), []);
    if (model.isDisposed() || model.getVersionId() !== version) return;
    const next = ranges
      .flatMap((range) => range.classifications)
      .filter(({ kind }) => KINDS[kind] !== undefined)
      .map(({ start, length, kind }) => ({
        range: monaco.Range.fromPositions(model.getPositionAt(start), model.getPositionAt(start + length)),
        options: {
          inlineClassName: `kql-${KINDS[kind]}`,
          stickiness: monaco.editor.TrackedRangeStickiness.NeverGrowsWhenTypingAtEdges,
        },
      }));
    shown = model.deltaDecorations(shown, next);
  };
  const soon = (): void => {
    clearTimeout(timer);
    timer = window.setTimeout(() => void colour(), PAUSE);
  };
  const listening = model.onDidChangeContent(soon);
  const schema = onSchema(soon);
  void colour();
  return () => {
    schema();
    clearTimeout(timer);
    listening.dispose();
  };
}
