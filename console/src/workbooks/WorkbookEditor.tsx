// The JSON of a workbook as a text to edit; the preview follows when the typing rests.
import { useEffect, useRef, useState } from "react";
import { messageOf } from "~/api/errors";

const REST = 400; // milliseconds

interface Props {
  readonly text: string;
  /** Told at every key. */
  readonly typing: (text: string) => void;
  /** Told when the typing rests. */
  readonly change: (text: string) => void;
}

export function WorkbookEditor({ text, typing, change }: Props) {
  const [typed, setTyped] = useState(text);
  const given = useRef(text);
  const newest = useRef(change);
  useEffect(() => {
    newest.current = change;
  });
  useEffect(() => {
    if (text === given.current) return;
    given.current = text;
    setTyped(text);
  }, [text]);
  useEffect(() => {
    if (typed === given.current) return;
    const timer = setTimeout(() => {
      given.current = typed;
      newest.current(typed);
    }, REST);
    return () => clearTimeout(timer);
  }, [typed]);
  const problem = problemOf(typed);
  return (
    <div className="wb-editor">
      <textarea
        aria-label="The workbook as JSON"
        aria-invalid={problem !== undefined}
        aria-describedby="workbook-problem"
        spellCheck={false}
        value={typed}
        onChange={(event) => {
          typing(event.target.value);
          setTyped(event.target.value);
        }}
        onBlur={() => {
          given.current = typed;
          change(typed);
        }}
      />
      <p id="workbook-problem" className={problem ? "bad" : "faint"} role="status">
        {problem ?? "JSON; the preview follows."}
      </p>
    </div>
  );
}

function problemOf(text: string): string | undefined {
  try {
    JSON.parse(text);
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}
