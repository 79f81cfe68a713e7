// Markdown that others wrote, as inert text: comments, notes, workbooks. What turns it into elements comes when it is first
// needed; until then, and where it is too much, the text itself stands there.
import { Component, lazy, Suspense, type ReactNode } from "react";
import { isModest } from "./markdownLimits";
import { visible } from "./visible";

const Elements = lazy(() => import("./MarkdownElements"));

/** The text may be hostile: scripts, styles, forms and foreign pictures do not get through, links open apart. */
export function Markdown({ text: sent }: { text: string }) {
  const text = visible(sent);
  const plain = <p className="markdown plain">{text}</p>;
  if (!isModest(text)) return plain;
  return (
    <OrPlain key={text} plain={plain}>
      <Suspense fallback={plain}>
        <Elements text={text} />
      </Suspense>
    </OrPlain>
  );
}

/** A text that no Markdown can be made of is shown as it is. */
class OrPlain extends Component<{ plain: ReactNode; children: ReactNode }, { failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError(): { failed: boolean } {
    return { failed: true };
  }

  override render(): ReactNode {
    return this.state.failed ? this.props.plain : this.props.children;
  }
}
