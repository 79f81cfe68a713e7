// What the worker of Kusto's language service can do, and the one that runs.
import type { editor, Uri } from "monaco-editor/esm/vs/editor/editor.api";
import { monaco } from "./monaco";
import type { EngineSchema } from "./schema";

/** A place as language servers count it: from 0. */
export interface Place {
  readonly line: number;
  readonly character: number;
}

export interface Edit {
  readonly range: { readonly start: Place; readonly end: Place };
  readonly newText: string;
}

export interface Suggested {
  readonly label: string;
  readonly kind?: number;
  readonly sortText?: string;
  readonly filterText?: string;
  readonly textEdit: Edit;
  /** 2 is a snippet: `$0` says where the cursor goes. */
  readonly insertTextFormat?: number;
}

export interface Found {
  readonly range: { readonly start: Place; readonly end: Place };
  readonly severity?: number;
  readonly code?: string | number;
  readonly message: string;
}

export interface Classified {
  readonly absoluteStart: number;
  readonly absoluteEnd: number;
  readonly classifications: readonly { readonly start: number; readonly length: number; readonly kind: number }[];
}

export interface ResultAction {
  readonly title: string;
  readonly kind: string;
  readonly changes: readonly { readonly start: number; readonly deleteLength: number; readonly insertText?: string }[];
}

export interface KustoWorker {
  setSchema(schema: EngineSchema): Promise<void>;
  doComplete(uri: string, at: Place): Promise<{ readonly items: readonly Suggested[] } | null>;
  doValidation(uri: string, changed: readonly object[]): Promise<readonly Found[]>;
  doColorization(uri: string, changed: readonly object[]): Promise<readonly Classified[]>;
  doDocumentFormat(uri: string): Promise<readonly Edit[]>;
  doRename(
    uri: string,
    at: Place,
    name: string,
  ): Promise<{ readonly changes?: Readonly<Record<string, readonly Edit[]>> } | undefined>;
  getResultActions(uri: string, start: number, end: number): Promise<readonly ResultAction[]>;
}

const SETTINGS = {
  includeControlCommands: false,
  useIntellisenseV2: true,
  useSemanticColorization: true,
  formatter: { indentationSize: 2, pipeOperatorStyle: "NewLine" },
  enableQueryWarnings: false,
  enableQuerySuggestions: false,
  disabledDiagnosticCodes: [],
  completionOptions: { includeExtendedSyntax: false },
};

const toldOf = new Set<() => void>();

/** Hear of a new schema, after which the same text may mean something else. */
export function onSchema(listener: () => void): () => void {
  toldOf.add(listener);
  return () => toldOf.delete(listener);
}

export function schemaTold(): void {
  for (const listener of toldOf) listener();
}

let running: editor.MonacoWebWorker<KustoWorker> | undefined;

/** The worker, which has seen the newest text of these models. */
export function kusto(...models: Uri[]): Promise<KustoWorker> {
  running ??= monaco.editor.createWebWorker<KustoWorker>({
    moduleId: "vs/language/kusto/kustoWorker",
    label: "kusto",
    createData: { languageSettings: SETTINGS, languageId: "kusto" },
  });
  return models.length === 0 ? running.getProxy() : running.withSyncedResources(models);
}
