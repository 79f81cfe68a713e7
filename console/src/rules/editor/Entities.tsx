// Which columns of a result are entities; every column is held against those that the query gives.
import { ENTITY_TYPES, MOST_FIELDS, MOST_MAPPINGS } from "../checks";
import type { EntityMapping, RuleProperties } from "../model";
import { Add, Column, Remove, Section, Select, useForm, useProblem } from "./fields";

interface Props {
  readonly properties: RuleProperties;
  readonly change: (patch: Partial<RuleProperties>) => void;
}

export function Entities({ properties, change }: Props) {
  const { problems } = useForm();
  const mappings = properties.entityMappings ?? [];
  const arrays = properties.sentinelEntitiesMappings ?? [];
  const wrong = problems.filter(({ place }) => /^(entityMappings|sentinelEntitiesMappings)/.test(place)).length;
  const named = mappings.map(({ entityType, fieldMappings }) => `${entityType}←${fieldMappings[0]?.columnName ?? ""}`);
  const set = (at: number, mapping: EntityMapping | undefined): void =>
    change({ entityMappings: replaced(mappings, at, mapping) });
  return (
    <Section title="Entities" summary={`${named.join("  ") || "none"}${wrong ? `  ✗ ${wrong}` : ""}`} open>
      {mappings.map((mapping, at) => (
        <Mapping key={at} at={at} mapping={mapping} set={(next) => set(at, next)} />
      ))}
      {arrays.map(({ columnName }, at) => (
        <div className="mapping" key={`array ${at}`}>
          <span className="name">Entities of</span>
          <Column
            label={`Column with entities ${at + 1}`}
            place={`sentinelEntitiesMappings.${at}`}
            value={columnName}
            set={(column) => change({ sentinelEntitiesMappings: replaced(arrays, at, { columnName: column }) })}
          />
          <Remove
            what={`the column ${columnName}`}
            remove={() => change({ sentinelEntitiesMappings: replaced(arrays, at, undefined) })}
          />
        </div>
      ))}
      <div className="row">
        <Add
          what="entity"
          disabled={mappings.length >= MOST_MAPPINGS}
          add={() => set(mappings.length, { entityType: "Account", fieldMappings: [{ identifier: "FullName", columnName: "" }] })} // prettier-ignore
        />
        <Add
          what="column that holds entities"
          add={() => change({ sentinelEntitiesMappings: [...arrays, { columnName: "" }] })}
        />
      </div>
    </Section>
  );
}

function Mapping(props: { at: number; mapping: EntityMapping; set: (mapping: EntityMapping | undefined) => void }) {
  const { at, mapping, set } = props;
  const problem = useProblem(`entityMappings.${at}`);
  const identifiers = ENTITY_TYPES[mapping.entityType] ?? [];
  const fields = mapping.fieldMappings;
  return (
    <div className="mapping" role="group" aria-label={`Entity ${at + 1}`}>
      <Select
        label={`Type of entity ${at + 1}`}
        value={mapping.entityType}
        set={
          (entityType) =>
          set({ entityType, fieldMappings: [{ identifier: ENTITY_TYPES[entityType]?.[0] ?? "", columnName: fields[0]?.columnName ?? "" }] }) // prettier-ignore
        }
        options={Object.keys(ENTITY_TYPES).map((each) => [each, each] as const)}
      />
      <div className="mapped">
        {fields.map((field, index) => (
          <div key={index} className="row">
            <Select
              label={`Identifier ${index + 1} of entity ${at + 1}`}
              value={field.identifier}
              set={(identifier) =>
                set({ ...mapping, fieldMappings: replaced(fields, index, { ...field, identifier }) })
              }
              options={identifiers.map((each) => [each, each] as const)}
            />
            <span aria-hidden="true">←</span>
            <Column
              label={`Column of ${mapping.entityType} ${field.identifier}`}
              place={`entityMappings.${at}.fieldMappings.${index}`}
              value={field.columnName}
              set={(columnName) =>
                set({ ...mapping, fieldMappings: replaced(fields, index, { ...field, columnName }) })
              }
            />
            {fields.length > 1 && (
              <Remove
                what={`the identifier ${field.identifier}`}
                remove={() => set({ ...mapping, fieldMappings: replaced(fields, index, undefined) })}
              />
            )}
          </div>
        ))}
        {problem && <p className="bad problem">✗ {problem}</p>}
      </div>
      <Add
        what="identifier"
        disabled={fields.length >= MOST_FIELDS}
        add={() => {
          const next = identifiers.find((each) => !fields.some(({ identifier }) => identifier === each)) ?? "";
          set({ ...mapping, fieldMappings: [...fields, { identifier: next, columnName: "" }] });
        }}
      />
      <Remove what={`entity ${at + 1}`} remove={() => set(undefined)} />
    </div>
  );
}

/** The list with another item at a place, or without it. */
export function replaced<T>(list: readonly T[], at: number, item: T | undefined): T[] {
  const after = [...list];
  if (item === undefined) after.splice(at, 1);
  else after[at] = item;
  return after;
}
