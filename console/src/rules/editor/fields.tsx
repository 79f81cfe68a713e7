// The small parts of the editor's forms: a labelled field with its problem, durations, columns, choices.
import { useContext, useId, useState, createContext, type ReactNode } from "react";
import { shortDuration, wireDuration } from "../durations";
import type { Problem } from "../checks";

export interface Form {
  readonly problems: readonly Problem[];
  /** The columns of the query, once it is right. */
  readonly columns: readonly string[] | undefined;
  readonly isReadOnly: boolean;
}

const Context = createContext<Form>({ problems: [], columns: undefined, isReadOnly: true });
export const FormContext = Context.Provider;

export function useForm(): Form {
  return useContext(Context);
}

/** The problem at a place, if there is one. */
export function useProblem(place: string): string | undefined {
  return useForm().problems.find((each) => each.place === place)?.message;
}

export function Field({ label, place, children }: { label: string; place?: string; children: ReactNode }) {
  const problem = useProblem(place ?? "(none)");
  return (
    <div className="field">
      <label>
        <span className="name">{label}</span>
        {children}
      </label>
      {problem && <p className="bad problem">✗ {problem}</p>}
    </div>
  );
}

/** A group of the form, whose heading says what is set while it is closed. */
export function Section(props: { title: string; summary: string; open?: boolean; children: ReactNode }) {
  return (
    <details className="section" open={props.open}>
      <summary>
        <span className="title">{props.title}</span> <span className="faint">{props.summary}</span>
      </summary>
      <div className="fields">{props.children}</div>
    </details>
  );
}

export function Text(props: {
  value: string;
  set: (value: string) => void;
  label?: string;
  list?: string;
  rows?: number;
  placeholder?: string;
}) {
  const { isReadOnly } = useForm();
  const shared = {
    value: props.value,
    readOnly: isReadOnly,
    "aria-label": props.label,
    placeholder: props.placeholder,
    onChange: (event: { target: { value: string } }) => props.set(event.target.value),
  };
  return props.rows ? <textarea rows={props.rows} {...shared} /> : <input list={props.list} {...shared} />;
}

/** Typed as `5m`; what is no duration yet is kept as it is typed, and told. */
export function Duration(props: { value: string | undefined; set: (value: string) => void; label?: string }) {
  const { isReadOnly } = useForm();
  const [typed, setTyped] = useState<string>();
  return (
    <input
      className="duration"
      aria-label={props.label}
      readOnly={isReadOnly}
      value={typed ?? shortDuration(props.value)}
      onChange={(event) => {
        setTyped(event.target.value);
        props.set(wireDuration(event.target.value) ?? event.target.value);
      }}
      onBlur={() => setTyped(undefined)}
    />
  );
}

export function Select(props: {
  value: string;
  set: (value: string) => void;
  options: readonly (readonly [value: string, text: string])[];
  label?: string;
}) {
  const { isReadOnly } = useForm();
  const isKnown = props.options.some(([value]) => value === props.value);
  return (
    <select
      aria-label={props.label}
      value={props.value}
      disabled={isReadOnly}
      onChange={(event) => props.set(event.target.value)}
    >
      {!isKnown && <option value={props.value}>{props.value || "choose"}</option>}
      {props.options.map(([value, text]) => (
        <option key={value} value={value}>
          {text}
        </option>
      ))}
    </select>
  );
}

export function Check(props: { label: string; value: boolean; set: (value: boolean) => void; disabled?: boolean }) {
  const { isReadOnly } = useForm();
  return (
    <label className="check">
      <input
        type="checkbox"
        checked={props.value}
        disabled={isReadOnly || props.disabled}
        onChange={(event) => props.set(event.target.checked)}
      />
      {props.label}
    </label>
  );
}

/** A column of the query, chosen from those that it gives; one that it does not give is marked. */
export function Column(props: { value: string; set: (value: string) => void; label: string; place: string }) {
  const { columns, isReadOnly } = useForm();
  const problem = useProblem(props.place);
  const list = useId();
  return (
    <span className="column">
      <input
        list={list}
        aria-label={props.label}
        aria-invalid={problem !== undefined}
        placeholder="column"
        readOnly={isReadOnly}
        value={props.value}
        onChange={(event) => props.set(event.target.value)}
      />
      <datalist id={list}>
        {columns?.map((column) => (
          <option key={column} value={column}>
            {column}
          </option>
        ))}
      </datalist>
      <ColumnMark problem={problem} isKnown={columns !== undefined && props.value !== ""} />
    </span>
  );
}

function ColumnMark({ problem, isKnown }: { problem: string | undefined; isKnown: boolean }) {
  if (problem) return <span className="bad problem">✗ {problem}</span>;
  return isKnown ? (
    <span className="good" title="The query gives this column">
      ✓
    </span>
  ) : null;
}

/** Several of a few known texts. */
export function Choices(props: {
  label: string;
  values: readonly string[];
  options: readonly string[];
  set: (values: readonly string[]) => void;
}) {
  const { isReadOnly } = useForm();
  return (
    <fieldset className="choices-of">
      <legend>{props.label}</legend>
      {props.options.map((option) => (
        <label key={option} className="check">
          <input
            type="checkbox"
            disabled={isReadOnly}
            checked={props.values.includes(option)}
            onChange={(event) =>
              props.set(
                event.target.checked ? [...props.values, option] : props.values.filter((each) => each !== option),
              )
            }
          />
          {option}
        </label>
      ))}
    </fieldset>
  );
}

export function Remove({ what, remove }: { what: string; remove: () => void }) {
  const { isReadOnly } = useForm();
  if (isReadOnly) return null;
  return (
    <button type="button" className="small" aria-label={`Remove ${what}`} title={`Remove ${what}`} onClick={remove}>
      ×
    </button>
  );
}

export function Add({ what, add, disabled }: { what: string; add: () => void; disabled?: boolean }) {
  const { isReadOnly } = useForm();
  if (isReadOnly) return null;
  return (
    <button type="button" className="small" onClick={add} disabled={disabled}>
      + {what}
    </button>
  );
}
