// What may be written at the cursor: the language service's proposals, names that only the APIs know, the server's where
// the service cannot see the columns, and the text of our own reference for the one that is looked at.
import type { editor, languages, Position } from "monaco-editor/esm/vs/editor/editor.api";
import { ApiError } from "~/api/errors";
import { toPoints, toUnits } from "./check";
import { contextOf, queryAt } from "./contexts";
import { describe } from "./hover";
import { monaco } from "./monaco";
import { namesInString } from "./names";
import { kusto, type Suggested } from "./worker";

/** Sources whose columns the language service does not know. */
const OPAQUE = /\b(_GetWatchlist|workspace|app|resource|arg|evaluate|externaldata|_ASim|_Im_|invoke)/i;
const { CompletionItemKind: Kind, CompletionItemInsertTextRule: Rule } = monaco.languages;

/** The service's kinds are language servers' numbers, of its own meaning. */
const KINDS: Readonly<Record<number, languages.CompletionItemKind>> = {
  1: Kind.Constant,
  2: Kind.Keyword,
  3: Kind.Field,
  5: Kind.Function,
  6: Kind.Variable,
  7: Kind.Struct,
  25: Kind.TypeParameter,
};

interface Own extends languages.CompletionItem {
  /** The model that it was proposed for. */
  readonly model?: editor.ITextModel;
}

export const completion: languages.CompletionItemProvider = {
  triggerCharacters: [" ", "(", ".", "'", '"'],
  async provideCompletionItems(model, position) {
    const context = contextOf(model);
    const before = model.getLineContent(position.lineNumber).slice(0, position.column - 1);
    const inString = context && (await namesInString(context.place, before));
    if (inString) return { suggestions: ofNames(position, inString) };
    const worker = await kusto(model.uri);
    const at = { line: position.lineNumber - 1, character: position.column - 1 };
    const list = await worker.doComplete(model.uri.toString(), at);
    if (model.isDisposed()) return { suggestions: [] }; // the page was left meanwhile
    const suggestions: Own[] = (list?.items ?? []).map((item) => ({ ...suggestion(item), model }));
    const query = queryAt(model, model.getOffsetAt(position));
    if (query && OPAQUE.test(query.text)) suggestions.push(...(await ofServer(model, position)));
    return { suggestions };
  },
  async resolveCompletionItem(item: Own) {
    const name = typeof item.label === "string" ? item.label : item.label.label;
    const context = item.model && contextOf(item.model);
    if (!context) return item;
    const told = await describe(context.place, name.replace(/\(.*$/s, ""), item.kind === Kind.Function);
    return told ? { ...item, detail: told.heading, documentation: { value: told.text } } : item;
  },
};

function suggestion(item: Suggested): languages.CompletionItem {
  const { start, end } = item.textEdit.range;
  return {
    label: item.label,
    kind: KINDS[item.kind ?? 0] ?? Kind.Keyword,
    insertText: item.textEdit.newText,
    ...(item.insertTextFormat === 2 ? { insertTextRules: Rule.InsertAsSnippet } : {}),
    ...(item.sortText ? { sortText: item.sortText } : {}),
    ...(item.filterText ? { filterText: item.filterText } : {}),
    range: new monaco.Range(start.line + 1, start.character + 1, end.line + 1, end.character + 1),
  };
}

function ofNames(
  position: Position,
  { names, typed }: { readonly names: readonly string[]; readonly typed: string },
): languages.CompletionItem[] {
  const { lineNumber, column } = position;
  const range = new monaco.Range(lineNumber, column - typed.length, lineNumber, column);
  return names.map((label) => ({ label, kind: Kind.Value, insertText: label, range }));
}

/** Columns and variables as the server sees them; none while it does not answer. */
async function ofServer(model: editor.ITextModel, position: Position): Promise<Own[]> {
  const context = contextOf(model);
  const offset = model.getOffsetAt(position);
  const query = queryAt(model, offset);
  if (!context || !query || offset < query.start) return [];
  const { send, workspace } = context.place;
  const text = model.getValue().slice(query.start, Math.max(query.end, offset));
  interface Completions {
    readonly completions: readonly { text: string; kind: string; start: number; end: number; detail: string }[];
  }
  try {
    const { body } = await send<Completions>({
      audience: "logs",
      method: "POST",
      path: `/vedette/workspaces/${workspace.customerId}/complete`,
      body: { query: text, offset: toPoints(text, offset - query.start) },
    });
    return body.completions
      .filter((each) => each.kind === "column" || each.kind === "variable")
      .map((each) => ({
        label: each.text,
        kind: each.kind === "column" ? Kind.Field : Kind.Variable,
        detail: each.detail,
        insertText: each.text,
        sortText: `0${each.text}`,
        range: monaco.Range.fromPositions(
          model.getPositionAt(query.start + toUnits(text, each.start)),
          model.getPositionAt(query.start + toUnits(text, each.end)),
        ),
      }));
  } catch (error) {
    if (error instanceof ApiError) return [];
    throw error;
  }
}
