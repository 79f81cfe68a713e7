// Forms: fields with their labels, and a dialog that sends one and shows what the server says against it.
import { useId, useState, type KeyboardEvent, type ReactNode } from "react";
import { Dialog } from "./dialog";
import { Gated } from "./gated";
import "./listdetail.css";
import { Failed } from "./states";

interface Shared {
  readonly label: string;
  readonly value: string;
  readonly set: (value: string) => void;
  readonly hint?: string;
  readonly required?: boolean;
  readonly disabled?: boolean;
}

export function TextField(
  props: Shared & {
    readonly lines?: number;
    readonly mono?: boolean;
    readonly type?: "text" | "number" | "datetime-local" | "date";
    readonly placeholder?: string;
    readonly most?: number;
    readonly suggestions?: readonly string[];
    /** Called with what is pasted into an empty box, which then does not type it out. */
    readonly pasted?: (text: string) => void;
  },
) {
  const id = useId();
  const shared = {
    id,
    value: props.value,
    required: props.required,
    disabled: props.disabled,
    placeholder: props.placeholder,
    maxLength: props.most,
    className: props.mono ? "mono" : undefined,
    "aria-describedby": props.hint ? `${id}-hint` : undefined,
    spellCheck: props.mono ? false : undefined,
  };
  return (
    <div className="field">
      <label className="label" htmlFor={id}>
        {props.label}
        {props.required && <span className="faint"> (needed)</span>}
      </label>
      {props.lines ? (
        <textarea
          {...shared}
          rows={props.lines}
          onChange={(event) => props.set(event.target.value)}
          onPaste={(event) => {
            if (!props.pasted || props.value) return;
            event.preventDefault();
            props.pasted(event.clipboardData.getData("text/plain"));
          }}
        />
      ) : (
        <input
          {...shared}
          type={props.type ?? "text"}
          list={props.suggestions ? `${id}-list` : undefined}
          onChange={(event) => props.set(event.target.value)}
        />
      )}
      {props.suggestions && (
        <datalist id={`${id}-list`}>
          {props.suggestions.map((each) => (
            <option key={each}>{each}</option>
          ))}
        </datalist>
      )}
      {props.hint && (
        <small id={`${id}-hint`} className="faint">
          {props.hint}
        </small>
      )}
    </div>
  );
}

export type Option = readonly [value: string, text: string];

export function SelectField(props: Shared & { readonly options: readonly (Option | string)[] }) {
  const id = useId();
  return (
    <div className="field">
      <label className="label" htmlFor={id}>
        {props.label}
      </label>
      <select
        id={id}
        value={props.value}
        disabled={props.disabled}
        onChange={(event) => props.set(event.target.value)}
        aria-describedby={props.hint ? `${id}-hint` : undefined}
      >
        {props.options.map((option) => {
          const [value, text] = typeof option === "string" ? [option, option] : option;
          return (
            <option key={value} value={value}>
              {text}
            </option>
          );
        })}
      </select>
      {props.hint && (
        <small id={`${id}-hint`} className="faint">
          {props.hint}
        </small>
      )}
    </div>
  );
}

/** Several texts with commas between them. */
export function ListField(props: {
  readonly label: string;
  readonly value: readonly string[];
  readonly set: (value: string[]) => void;
  readonly hint?: string;
}) {
  const [typed, setTyped] = useState(props.value.join(", "));
  return (
    <TextField
      label={props.label}
      value={typed}
      hint={props.hint ?? "Several with commas between them."}
      set={(text) => {
        setTyped(text);
        props.set(listOf(text));
      }}
    />
  );
}

/** The texts between commas, each once. */
export function listOf(text: string): string[] {
  return [
    ...new Set(
      text
        .split(",")
        .map((each) => each.trim())
        .filter(Boolean),
    ),
  ];
}

export function CheckField(props: {
  readonly label: string;
  readonly value: boolean;
  readonly set: (value: boolean) => void;
}) {
  return (
    <label>
      <input type="checkbox" checked={props.value} onChange={(event) => props.set(event.target.checked)} />{" "}
      {props.label}
    </label>
  );
}

/** A dialog that sends a form, by its button or Ctrl+Enter; it closes when that is done, and stays open with the error. */
export function FormDialog(props: {
  readonly title: string;
  readonly close: () => void;
  /** The action that sending takes, such as Microsoft.SecurityInsights/bookmarks/write. */
  readonly action: string;
  readonly send: () => Promise<unknown>;
  readonly label?: string;
  readonly wide?: boolean;
  readonly problem?: string;
  readonly children: ReactNode;
}) {
  const [error, setError] = useState<unknown>();
  const [isBusy, setBusy] = useState(false);
  const send = async (): Promise<void> => {
    if (isBusy || props.problem) return;
    setBusy(true);
    setError(undefined);
    try {
      await props.send();
      props.close();
    } catch (reason) {
      setError(reason);
    } finally {
      setBusy(false);
    }
  };
  const pressed = (event: KeyboardEvent): void => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    void send();
  };
  return (
    <Dialog title={props.title} close={props.close} wide={props.wide ?? false}>
      {/* oxlint-disable-next-line jsx-a11y/no-static-element-interactions -- the key of the button below */}
      <div className="form" onKeyDown={pressed}>
        {props.children}
        {error !== undefined && <Failed error={error} />}
        {props.problem && <p className="warn">{props.problem}</p>}
        <div className="row">
          <Gated
            action={props.action}
            className="primary"
            disabled={isBusy || props.problem !== undefined}
            onClick={() => void send()}
          >
            {isBusy ? "Saving …" : (props.label ?? "Save")} <kbd>Ctrl+Enter</kbd>
          </Gated>
          <button type="button" onClick={props.close}>
            Cancel
          </button>
        </div>
      </div>
    </Dialog>
  );
}
