// Making a watchlist of pasted lines or a file, or adding lines to one: what would be refused is named before anything is sent.
import { useMemo, useState } from "react";
import { FormDialog, SelectField, TextField } from "~/parts/form";
import { done } from "~/parts/toast";
import type { WatchlistChanges } from "./changes";
import { readText, type Read } from "./csv";
import { ALIAS, WRITE, type Watchlist } from "./watchlist";

const MOST = 50_000_000; // bytes of a file
const SHOWN = 5;
const SHOWABLE = 20_000; // characters; a text box takes seconds for more

export default function UploadDialog(props: {
  changes: WatchlistChanges;
  existing: readonly Watchlist[];
  /** The one that lines are added to. */
  watchlist?: Watchlist;
  close: () => void;
}) {
  const { watchlist } = props;
  const [alias, setAlias] = useState("");
  const [name, setName] = useState("");
  const [description, setDescription] = useState("");
  const [text, setText] = useState("");
  const [source, setSource] = useState("Pasted");
  const [skip, setSkip] = useState("0");
  const [key, setKey] = useState(watchlist?.properties.itemsSearchKey ?? "");
  const [sent, setSent] = useState<number>();
  const [tooLarge, setTooLarge] = useState("");
  const read = useMemo(() => (text ? readText(text, Number(skip) || 0) : undefined), [text, skip]);
  const searchKey = watchlist || read?.header.includes(key) ? key : (read?.header[0] ?? "");
  const known = new Set(props.existing.map((each) => each.name.toLowerCase()));
  const take = async (file: File | undefined): Promise<void> => {
    if (!file) return;
    setTooLarge(file.size > MOST ? `${file.name} is larger than ${MOST / 1_000_000} MB.` : "");
    if (file.size > MOST) return;
    setText(await file.text());
    setSource(file.name);
    if (!watchlist && !alias) {
      const stem = file.name.replace(/\.[^.]*$/, "");
      setAlias(stem.replace(/[^\w-]/g, "-").slice(0, 64));
      setName((before) => before || stem);
    }
  };
  const send = async (): Promise<void> => {
    if (!read) return;
    const properties = watchlist?.properties ?? {
      watchlistAlias: alias,
      displayName: name || alias,
      description,
      source,
      itemsSearchKey: searchKey,
    };
    await props.changes.upload(properties, read, setSent);
    done(`${read.lines.length} lines are in ${properties.watchlistAlias}`);
  };
  return (
    <FormDialog
      title={watchlist ? `Add lines to “${watchlist.name}”` : "New watchlist"}
      action={WRITE}
      close={props.close}
      wide
      label={read ? `Send ${read.lines.length} lines` : "Send"}
      send={send}
      {...problem(read, watchlist, alias, known, tooLarge, searchKey)}
    >
      {!watchlist && (
        <div className="pair">
          <TextField
            label="Alias"
            required
            mono
            value={alias}
            set={setAlias}
            most={64}
            hint="What queries call it: letters, digits, - and _."
          />
          <TextField label="Name" value={name} set={setName} placeholder={alias} />
        </div>
      )}
      {!watchlist && <TextField label="Description" value={description} set={setDescription} />}
      <div className="pair">
        <div className="field">
          <label className="label" htmlFor="watchlist-file">
            File
          </label>
          <input
            id="watchlist-file"
            type="file"
            accept=".csv,.tsv,.txt"
            onChange={(event) => void take(event.target.files?.[0])}
          />
          <small className="faint">
            Up to {MOST / 1_000_000} MB, sent in pieces. A storage account is not read from here (SAS).
          </small>
        </div>
        <TextField label="Lines before the header" type="number" value={skip} set={setSkip} />
      </div>
      {text.length <= SHOWABLE ? (
        <TextField
          label="Lines"
          mono
          lines={8}
          pasted={setText}
          value={text}
          set={setText}
          placeholder={"ip,owner\n10.0.0.1,ana"}
          hint="The first is the header; separated by commas or tabs."
        />
      ) : (
        <p className="row">
          {text.length.toLocaleString("en")} characters are read.
          <button type="button" onClick={() => setText("")}>
            Take something else
          </button>
        </p>
      )}
      {!watchlist && read && !read.problem && (
        <SelectField
          label="Search key"
          value={searchKey}
          set={setKey}
          options={read.header}
          hint="The column that queries look up; it stays while the list has items."
        />
      )}
      {read && <Preview read={read} />}
      {sent !== undefined && read && (
        <p className="row">
          <progress value={sent} max={read.lines.length} aria-label="Lines sent" /> {sent} of {read.lines.length} lines
        </p>
      )}
    </FormDialog>
  );
}

function problem(
  read: Read | undefined,
  watchlist: Watchlist | undefined,
  alias: string,
  known: ReadonlySet<string>,
  tooLarge: string,
  key: string,
): { problem?: string } {
  if (tooLarge) return { problem: tooLarge };
  if (!watchlist && !ALIAS.test(alias))
    return { problem: "The alias has 3 to 64 letters, digits, - and _, and begins and ends with a letter or digit." };
  if (!watchlist && known.has(alias.toLowerCase())) return { problem: `There is a watchlist ${alias} already.` };
  if (!read) return { problem: "There are no lines yet." };
  if (read.problem) return { problem: read.problem };
  if (watchlist && !read.header.includes(key)) return { problem: `The header has no column ${key}, the search key.` };
  return read.lines.length === 0 ? { problem: "There is no line that can be taken." } : {};
}

function Preview({ read }: { read: Read }) {
  return (
    <div>
      <p>
        <strong>{read.lines.length.toLocaleString("en")}</strong> lines, {read.header.length} columns
        {read.refused.length > 0 && <span className="bad">, {read.refused.length} refused</span>}
      </p>
      {read.refused.length > 0 && (
        <details open>
          <summary className="bad">Lines that are not taken</summary>
          <ul>
            {read.refused.slice(0, 50).map(({ line, reason }) => (
              <li key={line}>
                Line {line} {reason}.
              </li>
            ))}
            {read.refused.length > 50 && <li>… and {read.refused.length - 50} more.</li>}
          </ul>
        </details>
      )}
      {read.lines.length > 0 && (
        <table className="preview">
          <thead>
            <tr>
              {read.header.slice(0, 8).map((name) => (
                <th key={name} scope="col">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {read.lines.slice(0, SHOWN).map((line, at) => (
              <tr key={at}>
                {read.header.slice(0, 8).map((name, column) => (
                  <td key={name}>{line.values[column]?.slice(0, 80)}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </div>
  );
}
