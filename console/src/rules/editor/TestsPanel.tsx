// The tests of the rule: their text, how each case ended, and for one that failed what differs and which line of the
// query let nothing through.
import { useRef } from "react";
import { Gated } from "~/parts/gated";
import { Failed, Loading } from "~/parts/states";
import { WRITE } from "../model";
import type { TestCase, TestRun } from "../rule_tests";
import { FieldDiff } from "./FieldDiff";
import { expectedText } from "./expected";
import { useForm } from "./fields";
import { counted } from "./PreviewPanel";
import type { RuleTests } from "./useRuleTests";

const EXAMPLE = `tests:
  - name: five failures
    events:
      SigninLogs:
        - {TimeGenerated: -20m, ResultType: "50126", IPAddress: 203.0.113.9, $times: 5}
    expect:
      alerts: 1
  - name: one is too few
    events:
      SigninLogs:
        - {TimeGenerated: -20m, ResultType: "50126", IPAddress: 203.0.113.9}
    expect: none
`;

/** `✓7 ✗1`. */
export function testsText(result: TestRun): string {
  return `✓${result.passed}${result.failed > 0 ? ` ✗${result.failed}` : ""}`;
}

export function TestsPanel({ tests }: { tests: RuleTests }) {
  const { isReadOnly } = useForm();
  const box = useRef<HTMLTextAreaElement>(null);
  if (tests.isLoading) return <Loading what="the tests" />;
  const goTo = (line: number): void => {
    const before = tests.text.split("\n").slice(0, line - 1);
    const start = before.join("\n").length + (before.length > 0 ? 1 : 0);
    const end = tests.text.indexOf("\n", start);
    box.current?.focus();
    box.current?.setSelectionRange(start, end < 0 ? tests.text.length : end);
    if (box.current) box.current.scrollTop = Math.max(0, line - 4) * 18;
  };
  return (
    <div className="panel-body tests">
      <div className="row">
        <Gated action={WRITE} className="primary" onClick={tests.run} disabled={tests.isRunning || !tests.text.trim()}>
          Run the tests <kbd>Ctrl+T</kbd> <kbd>t</kbd>
        </Gated>
        <Gated
          action={WRITE}
          onClick={tests.save}
          disabled={!tests.save || !tests.isChanged}
          title={
            tests.save ? "Keep them with the rule" : "Save the rule first; they are kept in this browser until then"
          }
        >
          Save the tests
        </Gated>
        {tests.isChanged && (
          <button type="button" onClick={tests.discard}>
            Discard
          </button>
        )}
        {tests.isChanged && <span className="warn">unsaved •</span>}
        <span className="grow" />
        {tests.text.trim() === "" && !isReadOnly && (
          <button type="button" onClick={() => tests.setText(EXAMPLE)}>
            Begin with an example
          </button>
        )}
      </div>
      {tests.loadError !== null && tests.loadError !== undefined && <Failed error={tests.loadError} />}
      {tests.notes.map((note) => (
        <p key={note} className="warn">
          {note}
        </p>
      ))}
      {tests.theirs && <Theirs tests={tests} />}
      <div className="tests-split">
        <textarea
          ref={box}
          className="mono"
          aria-label="Tests of the rule, as YAML"
          spellCheck={false}
          readOnly={isReadOnly}
          placeholder={EXAMPLE}
          value={tests.text}
          onChange={(event) => tests.setText(event.target.value)}
        />
        <div className="cases">
          {tests.isRunning && <Loading what="how they end" />}
          {!tests.isRunning && tests.runError !== null && tests.runError !== undefined && (
            <Failed error={tests.runError} again={tests.run} />
          )}
          {!tests.isRunning && !tests.result && !tests.runError && (
            <p className="state">
              {tests.text.trim()
                ? "Not run yet. They run over the events that they bring, and see nothing of the workspace."
                : "No tests yet. Begin with an example, or make one from the rows of a preview."}
            </p>
          )}
          {!tests.isRunning && tests.result && (
            <ul className="plain" aria-label="Cases">
              {tests.result.cases.map((each, at) => (
                <Case key={at} each={each} goTo={goTo} />
              ))}
            </ul>
          )}
        </div>
      </div>
    </div>
  );
}

const MARKS: Readonly<Record<TestCase["status"], readonly [mark: string, look: string]>> = {
  passed: ["✓", "good"],
  expectedFailure: ["✓", "good"],
  skipped: ["–", "faint"],
  failed: ["✗", "bad"],
  unexpectedPass: ["✗", "bad"],
  error: ["✗", "bad"],
};

function Case({ each, goTo }: { each: TestCase; goTo: (line: number) => void }) {
  const [mark, look] = MARKS[each.status];
  const isBad = look === "bad";
  return (
    <li>
      <p>
        <span className={look}>{mark}</span>{" "}
        <button type="button" className="link" onClick={() => goTo(each.line)} title={`Line ${each.line} of the tests`}>
          {each.name}
        </button>{" "}
        {isBad && each.got && (
          <span>
            expected {expectedText(each.expected)}, got {counted(each.got.alertsCount, "alert")},{" "}
            {counted(each.got.incidentsCount, "incident")}
          </span>
        )}
        <span className="faint">
          {each.status === "unexpectedPass" && " passes, although it is known to fail"}
          {each.reason && ` ${each.reason}`}
        </span>
      </p>
      {each.error && (
        <p className="bad">
          {each.error.code}: {each.error.message}
        </p>
      )}
      {each.differences?.map((difference) => (
        <p key={difference} className="bad">
          {difference}
        </p>
      ))}
      {each.stoppedAt && (
        <p>
          Line {each.stoppedAt.line} let nothing through: <code>{each.stoppedAt.text}</code>
        </p>
      )}
      {(each.lines?.length ?? 0) > 0 && <Lines each={each} />}
      {each.report && each.report.length > 0 && (
        <details>
          <summary>What came nearest</summary>
          <pre>{each.report.join("\n")}</pre>
        </details>
      )}
    </li>
  );
}

function Lines({ each }: { each: TestCase }) {
  return (
    <table className="counted">
      <thead>
        <tr>
          <th scope="col">Line</th>
          <th scope="col" className="right">
            Rows
          </th>
          <th scope="col">Query</th>
        </tr>
      </thead>
      <tbody>
        {each.lines?.map((line, at) => (
          <tr key={at} className={line.line === each.stoppedAt?.line ? "at" : undefined}>
            <td>{line.line}</td>
            <td className={`right${line.passed === 0 ? " bad" : ""}`}>{line.passed}</td>
            <td>
              <code>
                {line.of && `${line.of}: `}
                {line.text}
              </code>
              {line.conditions.length > 1 &&
                line.conditions.map((condition) => (
                  <div key={condition.text} className={condition.held === 0 ? "bad" : "faint"}>
                    {condition.held} × <code>{condition.text}</code>
                  </div>
                ))}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Theirs({ tests }: { tests: RuleTests }) {
  return (
    <div className="state failed" role="alert">
      <p>Somebody saved other tests meanwhile.</p>
      <FieldDiff before={tests.theirs?.tests ?? ""} after={tests.text} titles={["theirs", "yours"]} />
      <p className="row">
        <button type="button" onClick={() => tests.settle("mine")}>
          Save mine instead
        </button>
        <button type="button" onClick={() => tests.settle("theirs")}>
          Take theirs
        </button>
      </p>
    </div>
  );
}
