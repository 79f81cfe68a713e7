// Values of the results that alerts carry along, each under a name of its own.
import { MOST_DETAILS } from "../checks";
import type { RuleProperties } from "../model";
import { Add, Column, Remove, Section, Text, useForm } from "./fields";

export function CustomDetails(props: { properties: RuleProperties; change: (patch: Partial<RuleProperties>) => void }) {
  const { problems } = useForm();
  const details = Object.entries(props.properties.customDetails ?? {});
  const wrong = problems.filter(({ place }) => place.startsWith("customDetails")).length;
  const set = (entries: readonly (readonly [string, string])[]): void =>
    props.change({ customDetails: Object.fromEntries(entries) });
  return (
    <Section
      title="Custom details"
      summary={`${details.map(([name]) => name).join(" ") || "none"}${wrong ? `  ✗ ${wrong}` : ""}`}
    >
      {details.map(([name, column], at) => (
        <div className="mapping" key={at}>
          <Text
            label={`Name of detail ${at + 1}`}
            value={name}
            set={(next) => {
              if (!details.some(([other], index) => other === next && index !== at)) {
                set(details.with(at, [next, column]));
              }
            }}
          />
          <span aria-hidden="true">←</span>
          <Column
            label={`Column of detail ${name}`}
            place={`customDetails.${name}`}
            value={column}
            set={(next) => set(details.with(at, [name, next]))}
          />
          <Remove what={`the detail ${name}`} remove={() => set(details.toSpliced(at, 1))} />
        </div>
      ))}
      <div>
        <Add
          what="detail"
          disabled={details.length >= MOST_DETAILS}
          add={() => set([...details, [freeName(details.map(([name]) => name)), ""]])}
        />
      </div>
    </Section>
  );
}

function freeName(taken: readonly string[]): string {
  for (let at = taken.length + 1; ; at++) if (!taken.includes(`Detail${at}`)) return `Detail${at}`;
}
