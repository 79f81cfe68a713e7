// Squiggles: the language service's at once, as hints; the server's, a moment after the last key, in their place.
import type { editor } from "monaco-editor/esm/vs/editor/editor.api";
import { ApiError } from "~/api/errors";
import { checkQuery, proposed, toUnits, type Checked, type Diagnostic } from "./check";
import { contextOf } from "./contexts";
import { monaco } from "./monaco";
import { statements, type Statement } from "./statements";
import { kusto } from "./worker";

const SERVER = "server";
const CLIENT = "client";
const SERVER_PAUSE = 250; // milliseconds
const CLIENT_PAUSE = 60;
const MOST_QUERIES = 20; // of a text that are checked

/** An edit that a diagnostic proposes: put `name` where the range is. */
export interface Proposal {
  readonly range: InstanceType<typeof monaco.Range>;
  readonly name: string;
}

const proposals = new WeakMap<editor.ITextModel, readonly Proposal[]>();

export function proposalsOf(model: editor.ITextModel): readonly Proposal[] {
  return proposals.get(model) ?? [];
}

/** Keep a model checked; gives what stops it. `told` hears what the server said of the first query. */
export function keepChecked(model: editor.ITextModel, told: (checked: Checked) => void): () => void {
  let timers: number[] = [];
  let asking = new AbortController();
  let answered = 0; // the version that the server spoke of

  const askClient = async (): Promise<void> => {
    const version = model.getVersionId();
    const found = await (await kusto(model.uri)).doValidation(model.uri.toString(), []);
    if (model.isDisposed() || model.getVersionId() !== version || answered === version) return;
    const markers = found.filter(isSyntax).map(({ range, message }) => ({
      severity: monaco.MarkerSeverity.Info,
      message,
      startLineNumber: range.start.line + 1,
      startColumn: range.start.character + 1,
      endLineNumber: range.end.line + 1,
      endColumn: range.end.character + 1,
    }));
    monaco.editor.setModelMarkers(model, CLIENT, markers);
  };

  const askServer = async (): Promise<void> => {
    const context = contextOf(model);
    if (!context) return;
    asking = new AbortController();
    const { signal } = asking;
    const version = model.getVersionId();
    const text = model.getValue();
    const queries = context.whole ? [{ start: 0, end: text.length, text }] : statements(text).slice(0, MOST_QUERIES);
    try {
      const { send, workspace } = context.place;
      const answers = await Promise.all(
        queries.map(async (query) => ({
          query,
          checked: await checkQuery(send, workspace.customerId, query.text, signal, context.confined ? "P1D" : ""),
        })),
      );
      if (model.isDisposed() || model.getVersionId() !== version) return;
      answered = version;
      show(model, answers);
      if (answers[0]) told(answers[0].checked);
    } catch (error) {
      if (!signal.aborted && !(error instanceof ApiError)) throw error; // running the query says what is wrong
    }
  };

  const changed = (): void => {
    asking.abort();
    for (const timer of timers) clearTimeout(timer);
    timers = [
      window.setTimeout(() => void askClient(), CLIENT_PAUSE),
      window.setTimeout(() => void askServer(), SERVER_PAUSE),
    ];
  };
  const listening = model.onDidChangeContent(changed);
  changed();
  return () => {
    asking.abort();
    for (const timer of timers) clearTimeout(timer);
    listening.dispose();
  };
}

function show(model: editor.ITextModel, answers: readonly { query: Statement; checked: Checked }[]): void {
  const markers: editor.IMarkerData[] = [];
  const edits: Proposal[] = [];
  for (const { query, checked } of answers) {
    for (const diagnostic of checked.diagnostics) {
      const range = rangeOf(model, query, diagnostic);
      const name = proposed(diagnostic.hint);
      if (name !== undefined) edits.push({ range, name });
      markers.push({
        startLineNumber: range.startLineNumber,
        startColumn: range.startColumn,
        endLineNumber: range.endLineNumber,
        endColumn: range.endColumn,
        severity: diagnostic.severity === "error" ? monaco.MarkerSeverity.Error : monaco.MarkerSeverity.Warning,
        message: diagnostic.hint ? `${diagnostic.message} ${diagnostic.hint}` : diagnostic.message,
        code: diagnostic.code,
      });
    }
  }
  proposals.set(model, edits);
  monaco.editor.setModelMarkers(model, CLIENT, []);
  monaco.editor.setModelMarkers(model, SERVER, markers);
}

/** Where a diagnostic is in the model; at least one character, so that it can be seen. */
function rangeOf(
  model: editor.ITextModel,
  query: Statement,
  diagnostic: Diagnostic,
): InstanceType<typeof monaco.Range> {
  const start = query.start + toUnits(query.text, diagnostic.start);
  const end = Math.max(start + 1, query.start + toUnits(query.text, diagnostic.end));
  const last = model.getValueLength();
  const from = start >= last ? Math.max(0, last - 1) : start;
  return monaco.Range.fromPositions(model.getPositionAt(from), model.getPositionAt(Math.min(end, last)));
}

/** The language service knows no workspace('x'), watchlist or plugin of ours: names are the server's to judge. */
function isSyntax(found: { readonly code?: string | number }): boolean {
  const number = Number(/\d+/.exec(String(found.code ?? ""))?.[0] ?? 0);
  return number > 0 && number < 100;
}
