// `<KqlEditor>`: the editor of queries, for every page that has one; Monaco comes when it is first drawn.
import { lazy, Suspense } from "react";
import { Loading } from "~/parts/states";
import type { KqlEditorProps } from "./KqlEditor";

export type { EditorHandle, KqlEditorProps, Marker } from "./KqlEditor";
export type { Checked } from "./check";

const Editor = lazy(() => import("./KqlEditor"));

export function KqlEditor(props: KqlEditorProps) {
  return (
    <Suspense fallback={<Loading what="the editor" />}>
      <Editor {...props} />
    </Suspense>
  );
}
