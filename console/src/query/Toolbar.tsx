// Above the editor: the time window, run or cancel, save, and what a result can be had as elsewhere.
import { useEffect, useState } from "react";
import type { Table } from "~/api/logs";
import { copy } from "~/parts/clipboard";
import { Menu } from "~/parts/Menu";
import { download } from "~/parts/download";
import { csv } from "~/parts/sheet";
import { curl, python } from "./files";
import { TimePicker } from "./TimePicker";
import { useNow } from "./useNow";

interface Props {
  readonly timespan: string;
  readonly setTimespan: (timespan: string) => void;
  readonly isRunning: boolean;
  readonly run: () => void;
  readonly cancel: () => void;
  readonly save: () => void;
  readonly copyLink: () => void;
  readonly history: () => void;
  readonly table: Table | undefined;
  readonly name: string;
  readonly text: string;
  readonly asked: Parameters<typeof curl>[0];
}

export function Toolbar(props: Props) {
  const { table, name, text, asked } = props;
  const askNow = useNow();
  const [now, setNow] = useState(() => new Date());
  useEffect(() => void askNow().then(setNow, () => undefined), [askNow]);
  const none = table ? undefined : "Run a query first.";
  return (
    <div className="row">
      <TimePicker timespan={props.timespan} set={props.setTimespan} now={now} />
      {props.isRunning ? (
        <button type="button" onClick={props.cancel}>
          Cancel <kbd>Alt+C</kbd>
        </button>
      ) : (
        <button type="button" className="primary" onClick={props.run}>
          Run <kbd>Ctrl+Enter</kbd>
        </button>
      )}
      <button type="button" onClick={props.save}>
        Save <kbd>Ctrl+S</kbd>
      </button>
      <button type="button" onClick={props.history}>
        History <kbd>h</kbd>
      </button>
      <Menu
        label="Share"
        items={[
          { key: "link", label: "Copy a link (y)", run: props.copyLink },
          { key: "curl", label: "Copy as a call with curl (Y)", run: () => copy(curl(asked), "Copied") },
          { key: "python", label: "Copy as Python", run: () => copy(python(asked), "Copied") },
          {
            key: "csv",
            label: "Result as CSV",
            forbidden: none,
            run: () => table && download(`${name}.csv`, "text/csv;charset=utf-8", csv(table)),
          },
          { key: "kql", label: "Query as KQL", run: () => download(`${name}.kql`, "text/plain;charset=utf-8", text) },
        ]}
      />
    </div>
  );
}
