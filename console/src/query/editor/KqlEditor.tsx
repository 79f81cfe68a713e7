// The editor itself: Monaco with KQL, checked by the server, coloured by meaning; Esc, then Tab leaves it.
import type { editor } from "monaco-editor/esm/vs/editor/editor.api";
import { useEffect, useRef, useState, type Ref, useImperativeHandle } from "react";
import { useQuery } from "@tanstack/react-query";
import { perform } from "~/keys/keys";
import { useDark } from "~/parts/dark";
import { usePlace } from "~/shell/place";
import { keepColoured } from "./colours";
import type { Checked } from "./check";
import { queryAt, setContext } from "./contexts";
import { keepChecked } from "./diagnostics";
import { LANGUAGE, makeKnown, tellSchema } from "./language";
import { monaco } from "./monaco";
import { readMetadata } from "./schema";
import { DARK, LIGHT } from "./themes";
import "./editor.css";

/** Something that the page itself says of the text; offsets in JavaScript's characters. */
export interface Marker {
  readonly start: number;
  readonly end: number;
  readonly message: string;
  readonly severity: "error" | "warning" | "info";
}

export interface EditorHandle {
  focus(): void;
  /** The selected text, or the query that the cursor is in. */
  chosen(): string;
  /** Put a text in place of the query that the cursor is in; can be undone. */
  replaceChosen(text: string): void;
  /** Put a text where the cursor is. */
  insert(text: string): void;
  format(): void;
}

export interface KqlEditorProps {
  readonly value: string;
  readonly onChange: (value: string) => void;
  /** Ctrl+Enter or Shift+Enter, with the selection or the query at the cursor. */
  readonly onRun?: (query: string) => void;
  readonly markers?: readonly Marker[];
  readonly label?: string;
  /** The text is one query, whatever blank lines it has: a rule's, a function's. */
  readonly whole?: boolean;
  /** The page runs it over a time of its own, such as a rule's window. */
  readonly confined?: boolean;
  readonly readOnly?: boolean;
  /** What the server said of the first query: whether it is right, its columns. */
  readonly onChecked?: (checked: Checked) => void;
  /** Which text this is; another one has an undo history of its own. */
  readonly document?: string;
  readonly handle?: Ref<EditorHandle>;
}

const OPTIONS: editor.IStandaloneEditorConstructionOptions = {
  automaticLayout: true,
  fontFamily: 'ui-monospace, "Cascadia Mono", "DejaVu Sans Mono", monospace',
  fontSize: 13,
  fixedOverflowWidgets: true,
  minimap: { enabled: false },
  scrollBeyondLastLine: false,
  wordBasedSuggestions: "off",
  occurrencesHighlight: "off",
  selectionHighlight: false,
  renderValidationDecorations: "on",
  renderFinalNewline: "on", // a dimmed number has too little contrast
  lineNumbersMinChars: 3,
  folding: false,
  suggest: { showWords: false, snippetsPreventQuickSuggestions: false },
  quickSuggestions: { other: true, comments: false, strings: false },
  tabSize: 2,
  padding: { top: 4, bottom: 4 },
  stickyScroll: { enabled: false },
  links: false,
  unicodeHighlight: { ambiguousCharacters: false, invisibleCharacters: false, nonBasicASCII: false },
  overviewRulerLanes: 0,
};

const SEVERITIES = {
  error: monaco.MarkerSeverity.Error,
  warning: monaco.MarkerSeverity.Warning,
  info: monaco.MarkerSeverity.Info,
};

export default function KqlEditor(props: KqlEditorProps) {
  const { value, label = "Query", whole = false, confined = false, document: name = "", readOnly = false } = props;
  const place = usePlace();
  const dark = useDark();
  const frame = useRef<HTMLDivElement>(null);
  const [shown, setShown] = useState<editor.IStandaloneCodeEditor>();
  const [leaves, setLeaves] = useState(false);
  const [ready, setReady] = useState(false); // the tables of the workspace are known
  const newest = useRef(props);
  useEffect(() => {
    newest.current = props;
  });

  useEffect(() => {
    makeKnown();
    const made = monaco.editor.create(frame.current!, { ...OPTIONS, model: null });
    bindKeys(made, () => newest.current, setLeaves);
    setShown(made);
    return () => made.dispose();
  }, []);

  useModel(shown, name, value, () => newest.current, { place, whole, confined });

  useEffect(() => monaco.editor.setTheme(dark ? DARK : LIGHT), [dark, shown]);
  useEffect(() => shown?.updateOptions({ ariaLabel: label, readOnly }), [shown, label, readOnly]);
  useEffect(() => {
    const model = shown?.getModel();
    if (!model) return;
    const markers = (props.markers ?? []).map(({ start, end, message, severity }) => ({
      ...monaco.Range.fromPositions(model.getPositionAt(start), model.getPositionAt(end)),
      message,
      severity: SEVERITIES[severity],
    }));
    monaco.editor.setModelMarkers(model, "page", markers);
  }, [shown, props.markers, name]);

  const metadata = useQuery({
    queryKey: ["metadata", place.workspace.customerId],
    queryFn: ({ signal }) => readMetadata(place.send, place.workspace.customerId, signal),
    staleTime: 60_000,
  });
  useEffect(() => {
    if (!shown || !metadata.data) return;
    let gone = false;
    void tellSchema(metadata.data).then(() => gone || setReady(true));
    return () => {
      gone = true;
    };
  }, [shown, metadata.data]);

  useImperativeHandle(props.handle, () => handleOf(shown), [shown]);
  return (
    <div className="kql-editor" data-ready={ready ? "" : undefined}>
      <div className="kql-monaco" ref={frame} />
      {leaves && (
        <span className="kql-leave" role="status">
          <kbd>Tab</kbd> leaves the editor
        </span>
      )}
    </div>
  );
}

/** Keep a model for each document as long as the editor lives, with the text that the page says. */
function useModel(
  shown: editor.IStandaloneCodeEditor | undefined,
  name: string,
  value: string,
  props: () => KqlEditorProps,
  { place, whole, confined }: Parameters<typeof setContext>[1],
): void {
  const models = useRef(new Map<string, { model: editor.ITextModel; view: editor.ICodeEditorViewState | null }>());
  const latest = useRef({ place, whole, confined, value, props });
  useEffect(() => {
    latest.current = { place, whole, confined, value, props };
    const model = shown?.getModel();
    if (model) setContext(model, { place, whole, confined });
  });
  useEffect(() => {
    if (!shown) return;
    const held = models.current;
    return () => {
      for (const { model } of held.values()) model.dispose();
      held.clear();
    };
  }, [shown]);
  useEffect(() => {
    if (!shown) return;
    const held = models.current;
    let entry = held.get(name);
    if (!entry) {
      entry = { model: monaco.editor.createModel(latest.current.value, LANGUAGE), view: null };
      const bracketColorizationOptions = { enabled: false, independentColorPoolPerBracketType: false };
      entry.model.updateOptions({ bracketColorizationOptions });
      held.set(name, entry);
    }
    const { model } = entry;
    const { place: where, whole: isWhole, confined: isConfined } = latest.current;
    setContext(model, { place: where, whole: isWhole, confined: isConfined });
    shown.setModel(model);
    if (entry.view) shown.restoreViewState(entry.view);
    const changed = model.onDidChangeContent(() => latest.current.props().onChange(model.getValue()));
    const colours = keepColoured(model);
    const checks = keepChecked(model, (checked) => latest.current.props().onChecked?.(checked));
    return () => {
      entry.view = model.isDisposed() ? null : shown.saveViewState();
      changed.dispose();
      colours();
      checks();
    };
  }, [shown, name]);
  useEffect(() => {
    const model = shown?.getModel();
    if (!model || model.getValue() === value) return;
    model.pushEditOperations([], [{ range: model.getFullModelRange(), text: value }], () => null);
  }, [shown, name, value]);
}

function bindKeys(
  made: editor.IStandaloneCodeEditor,
  props: () => KqlEditorProps,
  setLeaves: (leaves: boolean) => void,
): void {
  const { KeyMod, KeyCode } = monaco;
  const bind = (key: number, run: () => void, when?: string): void => {
    made.addAction({
      id: `kql.${key}`,
      label: `kql.${key}`,
      keybindings: [key],
      run,
      ...(when ? { precondition: when } : {}),
    });
  };
  const run = (): void => {
    made.trigger("kql", "hideSuggestWidget", {});
    const query = chosen(made);
    if (query.trim()) props().onRun?.(query);
  };
  bind(KeyMod.CtrlCmd | KeyCode.Enter, run);
  bind(KeyMod.Shift | KeyCode.Enter, run, "!suggestWidgetVisible && !findWidgetVisible");
  bind(KeyMod.CtrlCmd | KeyCode.KeyK, () => void perform("palette.open"));
  bind(KeyMod.Alt | KeyCode.KeyC, () => void perform("query.cancel"));
  let isLeaving = false;
  const setTab = (leaves: boolean): void => {
    isLeaving = leaves;
    setLeaves(leaves);
  };
  made.onKeyDown((event) => {
    if (!isLeaving || event.keyCode !== KeyCode.Tab) return;
    event.preventDefault();
    event.stopPropagation();
    focusBeside(made.getContainerDomNode(), event.shiftKey);
  });
  const busy = [
    "suggestWidgetVisible",
    "findWidgetVisible",
    "renameInputVisible",
    "inSnippetMode",
    "codeActionMenuVisible",
  ];
  bind(KeyCode.Escape, () => setTab(true), busy.map((each) => `!${each}`).join(" && "));
  made.onDidChangeModelContent(() => setTab(false));
  made.onDidBlurEditorText(() => setTab(false));
}

/** Give the focus to what comes behind an element, or before it, as Tab would. */
function focusBeside(element: HTMLElement, before: boolean): void {
  const reached = "a[href], button, input, select, textarea, summary, [tabindex]";
  const side = before ? Node.DOCUMENT_POSITION_PRECEDING : Node.DOCUMENT_POSITION_FOLLOWING;
  const beside = [...document.querySelectorAll<HTMLElement>(reached)].filter(
    (each) =>
      each.tabIndex >= 0 &&
      each.checkVisibility() &&
      !element.contains(each) &&
      (element.compareDocumentPosition(each) & side) !== 0,
  );
  for (const each of before ? beside.reverse() : beside) {
    each.focus();
    if (document.activeElement === each) return; // one that is disabled takes no focus
  }
  (document.activeElement as HTMLElement | null)?.blur(); // there is nothing: the next Tab begins anew
}

function chosen(shown: editor.IStandaloneCodeEditor): string {
  const model = shown.getModel();
  const selection = shown.getSelection();
  if (!model || !selection) return "";
  if (!selection.isEmpty()) return model.getValueInRange(selection);
  return queryAt(model, model.getOffsetAt(selection.getPosition()))?.text ?? "";
}

function handleOf(shown: editor.IStandaloneCodeEditor | undefined): EditorHandle {
  return {
    focus: () => shown?.focus(),
    chosen: () => (shown ? chosen(shown) : ""),
    replaceChosen: (text) => {
      const model = shown?.getModel();
      if (!shown || !model) return;
      const at = model.getOffsetAt(shown.getPosition() ?? { lineNumber: 1, column: 1 });
      const query = queryAt(model, at);
      const range = query
        ? monaco.Range.fromPositions(model.getPositionAt(query.start), model.getPositionAt(query.end))
        : model.getFullModelRange();
      shown.pushUndoStop();
      shown.executeEdits("page", [{ range, text, forceMoveMarkers: true }]);
      shown.pushUndoStop();
    },
    insert: (text) => {
      const selection = shown?.getSelection();
      if (!shown || !selection) return;
      shown.executeEdits("page", [{ range: selection, text, forceMoveMarkers: true }]);
      shown.focus();
    },
    format: () => void shown?.getAction("editor.action.formatDocument")?.run(),
  };
}
