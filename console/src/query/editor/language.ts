// Makes KQL known to Monaco: its words, its providers, the schema of the workspace that is being queried.
import { completion } from "./completion";
import { fixes } from "./fixes";
import { hover } from "./hover";
import { monaco } from "./monaco";
import { engineSchema, type Metadata } from "./schema";
import { defineThemes } from "./themes";
import { kusto, schemaTold, type Edit } from "./worker";

export const LANGUAGE = "kusto";

let isKnown = false;

/** Once for all editors. */
export function makeKnown(): void {
  if (isKnown) return;
  isKnown = true;
  defineThemes();
  const { languages } = monaco;
  languages.register({ id: LANGUAGE });
  languages.setLanguageConfiguration(LANGUAGE, {
    comments: { lineComment: "//" },
    brackets: [
      ["{", "}"],
      ["[", "]"],
      ["(", ")"],
    ],
    autoClosingPairs: [
      { open: "{", close: "}" },
      { open: "[", close: "]" },
      { open: "(", close: ")" },
      { open: "'", close: "'" },
      { open: '"', close: '"' },
    ],
  });
  languages.registerCompletionItemProvider(LANGUAGE, completion);
  languages.registerHoverProvider(LANGUAGE, hover);
  languages.registerCodeActionProvider(LANGUAGE, fixes);
  languages.registerDocumentFormattingEditProvider(LANGUAGE, {
    provideDocumentFormattingEdits: async (model) => {
      const worker = await kusto(model.uri);
      return (await worker.doDocumentFormat(model.uri.toString())).map(edit);
    },
  });
  languages.registerRenameProvider(LANGUAGE, {
    provideRenameEdits: async (model, position, name) => {
      const worker = await kusto(model.uri);
      const at = { line: position.lineNumber - 1, character: position.column - 1 };
      const found = await worker.doRename(model.uri.toString(), at, name);
      const edits = Object.values(found?.changes ?? {}).flat();
      return { edits: edits.map((each) => ({ resource: model.uri, versionId: undefined, textEdit: edit(each) })) };
    },
  });
}

function edit({ range: { start, end }, newText }: Edit): { range: InstanceType<typeof monaco.Range>; text: string } {
  return {
    range: new monaco.Range(start.line + 1, start.character + 1, end.line + 1, end.character + 1),
    text: newText,
  };
}

let told: Metadata | undefined;
let version = 0;

/** Tell the language service what can be queried; a second time with the same metadata is nothing. */
export async function tellSchema(metadata: Metadata): Promise<void> {
  if (told === metadata) return;
  told = metadata;
  const worker = await kusto();
  performance.mark("kql-schema-start");
  await worker.setSchema(engineSchema(metadata, ++version));
  performance.measure("kql-schema", "kql-schema-start");
  schemaTold();
}
