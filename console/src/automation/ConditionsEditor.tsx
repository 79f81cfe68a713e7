// Conditions of a rule, of every kind that the API has, one within another.
import { listOf } from "~/parts/form";
import {
  ADDED,
  ARRAYS,
  CHANGED_PROPERTIES,
  newCondition,
  OPERATORS,
  PROPERTIES,
  VALUES,
  type Condition,
  type PropertyTest,
} from "./rule";
import { nameText } from "./sentence";

const DEEPEST = 4;
const KINDS: readonly (readonly [Condition["conditionType"], string])[] = [
  ["Property", "a property"],
  ["PropertyArray", "custom details or labels"],
  ["Boolean", "a group (and, or)"],
  ["PropertyChanged", "a property was changed"],
  ["PropertyArrayChanged", "something was added"],
];

export function ConditionsEditor(props: {
  label: string;
  isUpdate: boolean;
  value: readonly Condition[];
  set: (value: Condition[]) => void;
  depth: number;
}) {
  const { value, depth } = props;
  const replace = (at: number, condition: Condition): void =>
    props.set(value.map((each, index) => (index === at ? condition : each)));
  const kinds = KINDS.filter(
    ([kind]) =>
      (props.isUpdate || (kind !== "PropertyChanged" && kind !== "PropertyArrayChanged")) &&
      (depth < DEEPEST || (kind !== "Boolean" && kind !== "PropertyArray")),
  );
  return (
    <fieldset className="form conditions">
      <legend>{props.label}</legend>
      {value.length === 0 && <p className="faint">None: it holds for all.</p>}
      {value.map((condition, at) => (
        <div key={at} className="condition">
          <One
            condition={condition}
            set={(next) => replace(at, next)}
            isUpdate={props.isUpdate}
            depth={depth}
            name={`${props.label} ${at + 1}`}
          />
          <button
            type="button"
            aria-label={`Remove ${props.label.toLowerCase()} ${at + 1}`}
            onClick={() => props.set(value.filter((_, index) => index !== at))}
          >
            ×
          </button>
        </div>
      ))}
      <div>
        <select
          aria-label={`Add to ${props.label.toLowerCase()}`}
          value=""
          onChange={(event) => props.set([...value, newCondition(event.target.value as Condition["conditionType"])])}
        >
          <option value="">Add a condition …</option>
          {kinds.map(([kind, text]) => (
            <option key={kind} value={kind}>
              {text}
            </option>
          ))}
        </select>
      </div>
    </fieldset>
  );
}

interface OneProps<C> {
  condition: C;
  set: (condition: Condition) => void;
  isUpdate: boolean;
  depth: number;
  name: string;
}

function One(props: OneProps<Condition>) {
  const { condition, set, name } = props;
  switch (condition.conditionType) {
    case "Property":
      return (
        <Test
          name={name}
          names={PROPERTIES}
          value={condition.conditionProperties}
          set={(conditionProperties) => set({ ...condition, conditionProperties })}
        />
      );
    case "PropertyChanged": {
      const given = condition.conditionProperties;
      const change = (changeType: string): void => {
        const { propertyName } = given;
        set({
          ...condition,
          conditionProperties: changeType
            ? { operator: "Equals", propertyValues: [], ...given, changeType }
            : propertyName
              ? { propertyName }
              : {},
        });
      };
      return (
        <span className="row">
          <Choice
            label={`Property of ${name}`}
            value={given.propertyName ?? ""}
            options={CHANGED_PROPERTIES}
            set={(propertyName) => set({ ...condition, conditionProperties: { ...given, propertyName } })}
          />
          <select
            aria-label={`Change of ${name}`}
            value={given.changeType ?? ""}
            onChange={(event) => change(event.target.value)}
          >
            <option value="">was changed</option>
            <option value="ChangedFrom">was changed from</option>
            <option value="ChangedTo">was changed to</option>
          </select>
          {given.changeType && (
            <Values
              name={name}
              value={given}
              set={(next) => set({ ...condition, conditionProperties: { ...given, ...next } })}
            />
          )}
        </span>
      );
    }
    case "PropertyArrayChanged":
      return (
        <span className="row">
          <Choice
            label={`What was added, ${name}`}
            value={condition.conditionProperties.arrayType ?? ""}
            options={ADDED}
            set={(arrayType) => set({ ...condition, conditionProperties: { arrayType, changeType: "Added" } })}
          />
          were added
        </span>
      );
    case "PropertyArray": {
      const given = condition.conditionProperties;
      const put = (change: Partial<typeof given>): void =>
        set({ ...condition, conditionProperties: { ...given, ...change } });
      return (
        <div className="form">
          <span className="row">
            <Choice
              label={`How many, ${name}`}
              value={given.arrayConditionType ?? "AnyItem"}
              options={["AnyItem", "AllItems"]}
              set={(arrayConditionType) => put({ arrayConditionType })}
            />
            of the
            <Choice
              label={`List of ${name}`}
              value={given.arrayType ?? ""}
              options={ARRAYS}
              set={(arrayType) => put({ arrayType })}
            />
          </span>
          <ConditionsEditor
            label={`${name}, each`}
            isUpdate={false}
            depth={props.depth + 1}
            value={given.itemConditions ?? []}
            set={(itemConditions) => put({ itemConditions })}
          />
        </div>
      );
    }
    case "Boolean": {
      const given = condition.conditionProperties;
      return (
        <div className="form">
          <Choice
            label={`How ${name} is joined`}
            value={given.operator ?? "And"}
            options={["And", "Or"]}
            set={(operator) => set({ ...condition, conditionProperties: { ...given, operator } })}
          />
          <ConditionsEditor
            label={`${name}, inner`}
            isUpdate={props.isUpdate}
            depth={props.depth + 1}
            value={given.innerConditions ?? []}
            set={(innerConditions) => set({ ...condition, conditionProperties: { ...given, innerConditions } })}
          />
        </div>
      );
    }
    default:
      return <code>{JSON.stringify(condition)}</code>;
  }
}

function Test(props: {
  name: string;
  names: readonly string[];
  value: PropertyTest;
  set: (value: PropertyTest) => void;
}) {
  const { value, name } = props;
  return (
    <span className="row">
      <Choice
        label={`Property of ${name}`}
        value={value.propertyName ?? ""}
        options={props.names}
        set={(propertyName) => props.set({ ...value, propertyName })}
      />
      <Values name={name} value={value} set={(next) => props.set({ ...value, ...next })} />
    </span>
  );
}

function Values(props: { name: string; value: PropertyTest; set: (value: PropertyTest) => void }) {
  const { value, name } = props;
  const known = VALUES[value.propertyName ?? ""];
  const values = value.propertyValues ?? [];
  return (
    <>
      <select
        aria-label={`Operator of ${name}`}
        value={value.operator ?? "Equals"}
        onChange={(event) => props.set({ ...value, operator: event.target.value })}
      >
        {Object.entries(OPERATORS).map(([operator, text]) => (
          <option key={operator} value={operator}>
            {text}
          </option>
        ))}
      </select>
      {known ? (
        <span className="row" role="group" aria-label={`Values of ${name}`}>
          {known.map((each) => (
            <label key={each}>
              <input
                type="checkbox"
                checked={values.includes(each)}
                onChange={(event) =>
                  props.set({
                    ...value,
                    propertyValues: event.target.checked ? [...values, each] : values.filter((one) => one !== each),
                  })
                }
              />{" "}
              {each}
            </label>
          ))}
        </span>
      ) : (
        <input
          aria-label={`Values of ${name}`}
          defaultValue={values.join(", ")}
          placeholder="one, or another"
          onChange={(event) => props.set({ ...value, propertyValues: listOf(event.target.value) })}
        />
      )}
    </>
  );
}

function Choice(props: { label: string; value: string; options: readonly string[]; set: (value: string) => void }) {
  return (
    <select aria-label={props.label} value={props.value} onChange={(event) => props.set(event.target.value)}>
      {[...new Set([...props.options, props.value])].filter(Boolean).map((each) => (
        <option key={each} value={each}>
          {nameText(each)}
        </option>
      ))}
    </select>
  );
}
