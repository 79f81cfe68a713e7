// The control of a parameter.
import { useId } from "react";
import { rawOf, rangeLabel } from "../model/timeRange";
import { isSpecial, specialLabel, type Raw } from "../model/choose";
import type { ParameterChoice, ParameterDefinition } from "../model/parameters";
import type { ParameterValue } from "../model/values";
import { RangeControl } from "./RangeControl";
import { SeveralControl } from "./SeveralControl";
import { TextControl } from "./TextControl";

export interface ControlProps {
  readonly definition: ParameterDefinition;
  readonly value: ParameterValue | undefined;
  readonly raw: Raw;
  readonly choices: readonly ParameterChoice[];
  readonly isLoading: boolean;
  readonly problem: string | undefined;
  readonly choose: (raw: Raw) => void;
}

export function Control(props: ControlProps) {
  const { definition, problem, isLoading } = props;
  const id = useId();
  const isGroup = definition.kind === "options" || definition.takesSeveral;
  return (
    <div className="wb-parameter" data-parameter={definition.name} title={definition.description || undefined}>
      {isGroup && definition.kind !== "several" ? (
        <span id={`${id}-label`} className="wb-label">
          {definition.label}
          {definition.isRequired && <Required />}
        </span>
      ) : (
        <label htmlFor={id} id={`${id}-label`} className="wb-label">
          {definition.label}
          {definition.isRequired && <Required />}
        </label>
      )}
      {isLoading ? (
        <span className="faint" role="status">
          Loading …
        </span>
      ) : (
        <Kind {...props} id={id} />
      )}
      {problem && (
        <span className="bad wb-problem" role="alert">
          {problem}
        </span>
      )}
    </div>
  );
}

function Required() {
  return (
    <span className="faint" title="Required">
      {" "}
      *
    </span>
  );
}

function Kind(props: ControlProps & { id: string }) {
  const { definition, value, choose, id } = props;
  switch (definition.kind) {
    case "time":
      return (
        <RangeControl
          id={id}
          range={value?.time}
          ranges={definition.ranges}
          allowsCustom={definition.allowsCustom}
          choose={(range) => choose(range ? rawOf(range) : "")}
          label={rangeLabel}
          isRequired={definition.isRequired}
        />
      );
    case "text":
      return (
        <TextControl id={id} value={value?.value ?? ""} isFixed={definition.query !== undefined} commit={choose} />
      );
    case "several":
      return (
        <TextControl
          id={id}
          value={(value?.each ?? []).join(", ")}
          commit={(text) =>
            choose(
              text
                .split(",")
                .map((each) => each.trim())
                .filter(Boolean),
            )
          }
        />
      );
    case "options":
      return <Options {...props} />;
    default:
      return definition.takesSeveral ? <SeveralControl {...props} /> : <One {...props} />;
  }
}

function Options({ id, choices, value, choose }: ControlProps & { id: string }) {
  return (
    <div role="radiogroup" aria-labelledby={`${id}-label`} className="wb-options">
      {choices.map((each) => (
        <label key={each.value}>
          <input type="radio" name={id} checked={value?.each[0] === each.value} onChange={() => choose(each.value)} />
          {each.label}
        </label>
      ))}
    </div>
  );
}

function One({ id, definition, choices, value, choose, raw }: ControlProps & { id: string }) {
  const specials = definition.extras.filter(isSpecial);
  const special = typeof raw === "string" && specials.includes(raw) ? raw : undefined;
  const isUnset = !value || (value.value === "" && !special && !choices.some((each) => each.value === ""));
  const groups = [...new Set(choices.map((each) => each.group))];
  return (
    <select
      id={id}
      value={special ?? (isUnset ? "\u0000" : (value.each[0] ?? ""))}
      onChange={(event) => choose(event.target.value === "\u0000" ? "" : event.target.value)}
    >
      {(isUnset || !definition.isRequired) && <option value={"\u0000"}>&lt;unset&gt;</option>}
      {specials.map((each) => (
        <option key={each} value={each}>
          {specialLabel(each)}
        </option>
      ))}
      {groups.map((group) => {
        const options = choices
          .filter((each) => each.group === group)
          .map((each) => (
            <option key={each.value} value={each.value}>
              {each.label}
            </option>
          ));
        return group === "" ? (
          options
        ) : (
          <optgroup key={group} label={group}>
            {options}
          </optgroup>
        );
      })}
    </select>
  );
}
