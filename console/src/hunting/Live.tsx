// A query that is followed: its rows as they arrive, the newest last, so that none moves under the cursor.
import { useEffect, useMemo, useRef, useState } from "react";
import type { Column } from "~/api/logs";
import { Grid, type GridColumn } from "~/parts/Grid";
import { TextField } from "~/parts/form";
import { Failed } from "~/parts/states";
import { Instant } from "~/parts/time";
import { useParameter } from "~/shell/address";
import { usePlace } from "~/shell/place";
import { follow, type Ended } from "./stream";
import { useSavedQueries } from "./useHunting";

const MOST = 2000; // rows that stay

interface LiveRow {
  readonly id: number;
  readonly arrived: string;
  readonly values: readonly unknown[];
}

export default function Live() {
  const { session, workspace } = usePlace();
  const [name] = useParameter("live");
  const saved = useSavedQueries().data?.find(({ key }) => key === name);
  const [typed, setTyped] = useState<string>();
  const query = typed ?? saved?.query ?? "";
  const [columns, setColumns] = useState<readonly Column[]>([]);
  const [rows, setRows] = useState<readonly LiveRow[]>([]);
  const [state, setState] = useState("");
  const [error, setError] = useState<unknown>();
  const [ended, setEnded] = useState<Ended>();
  const [atId, setAtId] = useState(0);
  const running = useRef<AbortController>(undefined);
  const count = useRef(0);
  useEffect(() => () => running.current?.abort(), []);
  const start = (): void => {
    const controller = new AbortController();
    running.current = controller;
    setRows([]);
    setError(undefined);
    setEnded(undefined);
    setState("beginning");
    follow(session, workspace.customerId, query, controller.signal, {
      state: setState,
      rows: (arrived) => {
        setColumns(arrived.columns);
        setRows((before) => {
          const now = arrived.rows.map((values): LiveRow => ({ id: ++count.current, arrived: arrived.to, values }));
          return [...before, ...now].slice(-MOST);
        });
      },
    })
      .then(setEnded, (reason: unknown) => {
        if (!controller.signal.aborted) setError(reason);
      })
      .finally(() => setState(""));
  };
  const shown = useMemo(
    (): readonly GridColumn[] => [
      { key: "arrived", title: "Arrived", width: 180 },
      ...columns.map((column, index) => ({ key: `${index} ${column.name}`, title: column.name, width: 180 })),
    ],
    [columns],
  );
  return (
    <div className="listdetail">
      <TextField
        label="Query"
        mono
        lines={4}
        value={query}
        set={setTyped}
        disabled={state !== ""}
        placeholder="SigninLogs | where ResultType != 0"
        hint="It is run over what arrived since it ran last; a query that counts counts what is new."
      />
      <div className="row">
        {state ? (
          <button type="button" onClick={() => running.current?.abort()}>
            Stop
          </button>
        ) : (
          <button type="button" className="primary" disabled={!query.trim()} onClick={start}>
            Follow
          </button>
        )}
        <span className="faint" role="status">
          {state && `${state}, ${rows.length} rows so far`}
        </span>
      </div>
      {error !== undefined && <Failed error={error} />}
      {ended && (
        <p className="warn">
          {ended.code}: {ended.message}
        </p>
      )}
      {rows.length === 0 && state !== "" && <p className="faint">Nothing has arrived yet.</p>}
      {rows.length > 0 && (
        <div className="live-rows">
          <Grid
            label="Rows as they arrive"
            columns={shown}
            count={rows.length}
            rowKey={(row) => String(rows[row]?.id ?? row)}
            at={rows.findIndex(({ id }) => id === atId)}
            setAt={(row) => setAtId(rows[row]?.id ?? 0)}
            cell={(row, column) =>
              column === 0 ? <Instant value={rows[row]?.arrived} /> : text(rows[row]?.values[column - 1])
            }
          />
        </div>
      )}
    </div>
  );
}

function text(value: unknown): string {
  if (value === null || value === undefined) return "";
  return typeof value === "object" ? JSON.stringify(value) : String(value as string);
}
