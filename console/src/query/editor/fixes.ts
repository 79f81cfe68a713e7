// Quick fixes (Ctrl+.): the name that the server proposes, and what the language service can rewrite, such as a value
// that becomes a `let`, or a function put in place of its call.
import type { languages } from "monaco-editor/esm/vs/editor/editor.api";
import { monaco } from "./monaco";
import { proposalsOf } from "./diagnostics";
import { kusto } from "./worker";

export const fixes: languages.CodeActionProvider = {
  async provideCodeActions(model, range, context) {
    const named = proposalsOf(model)
      .filter((proposal) => monaco.Range.areIntersectingOrTouching(proposal.range, range))
      .map((proposal): languages.CodeAction => ({
        title: `Change to '${proposal.name}'`,
        kind: "quickfix",
        isPreferred: true,
        diagnostics: context.markers.filter((marker) => monaco.Range.areIntersecting(marker, proposal.range)),
        edit: {
          edits: [
            {
              resource: model.uri,
              versionId: model.getVersionId(),
              textEdit: { range: proposal.range, text: written(proposal.name) },
            },
          ],
        },
      }));
    const start = model.getOffsetAt({ lineNumber: range.startLineNumber, column: range.startColumn });
    const end = model.getOffsetAt({ lineNumber: range.endLineNumber, column: range.endColumn });
    const worker = await kusto(model.uri);
    const rewritten = (await worker.getResultActions(model.uri.toString(), start, end)).map(
      ({ title, changes }): languages.CodeAction => ({
        title,
        kind: "quickfix",
        edit: {
          edits: changes.map(({ start: from, deleteLength, insertText }) => ({
            resource: model.uri,
            versionId: model.getVersionId(),
            textEdit: {
              range: monaco.Range.fromPositions(model.getPositionAt(from), model.getPositionAt(from + deleteLength)),
              text: insertText ?? "",
            },
          })),
        },
      }),
    );
    return { actions: [...named, ...rewritten], dispose: () => undefined };
  },
};

/** A name as KQL writes it. */
export function written(name: string): string {
  return /^[A-Za-z_]\w*$/.test(name) || /['"(]/.test(name) ? name : `['${name}']`;
}
