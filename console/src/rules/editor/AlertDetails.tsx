// What of an alert comes from its results: its name and description by a format, and properties by columns. The format
// is shown as the newest preview's first row would fill it.
import { rendered } from "../checks";
import { ALERT_PROPERTIES, type DetailsOverride } from "../model";
import { replaced } from "./Entities";
import { Add, Column, Field, Remove, Section, Select, Text, useForm } from "./fields";
import type { SettingsProps } from "./Settings";
import type { RuleProperties } from "../model";

export function AlertDetails({
  properties,
  change,
  sample,
}: Omit<SettingsProps, "body"> & { readonly properties: RuleProperties }) {
  const { problems } = useForm();
  const override = properties.alertDetailsOverride ?? {};
  const wrong = problems.filter(({ place }) => place.startsWith("alertDetailsOverride")).length;
  const set = (patch: Partial<DetailsOverride>): void => {
    const entries = Object.entries({ ...override, ...patch }).filter(
      ([, value]) => value !== undefined && value !== "",
    );
    change({ alertDetailsOverride: entries.length > 0 ? Object.fromEntries(entries) : undefined });
  };
  const dynamic = override.alertDynamicProperties ?? [];
  const format = override.alertDisplayNameFormat;
  return (
    <Section title="Alert details" summary={`${format ?? "as the rule"}${wrong ? `  ✗ ${wrong}` : ""}`} open={!!format}>
      <Field label="Name, with {{column}}" place="alertDetailsOverride.alertDisplayNameFormat">
        <Text value={format ?? ""} set={(value) => set({ alertDisplayNameFormat: value })} />
      </Field>
      <p className="rendered" aria-label="The name as shown">
        {sample ? `→ ${rendered(format, sample, properties.displayName)}` : "→ a preview shows how it reads"}
      </p>
      <Field label="Description, with {{column}}" place="alertDetailsOverride.alertDescriptionFormat">
        <Text
          rows={2}
          value={override.alertDescriptionFormat ?? ""}
          set={(value) => set({ alertDescriptionFormat: value })}
        />
      </Field>
      {sample && override.alertDescriptionFormat && (
        <p className="rendered">→ {rendered(override.alertDescriptionFormat, sample, properties.description ?? "")}</p>
      )}
      <div className="mapping">
        <span className="name">Tactics ←</span>
        <Column
          label="Column of the tactics"
          place="alertDetailsOverride.alertTacticsColumnName"
          value={override.alertTacticsColumnName ?? ""}
          set={(value) => set({ alertTacticsColumnName: value })}
        />
      </div>
      <div className="mapping">
        <span className="name">Severity ←</span>
        <Column
          label="Column of the severity"
          place="alertDetailsOverride.alertSeverityColumnName"
          value={override.alertSeverityColumnName ?? ""}
          set={(value) => set({ alertSeverityColumnName: value })}
        />
      </div>
      {dynamic.map(({ alertProperty, value }, at) => (
        <div className="mapping" key={at}>
          <Select
            label={`Property ${at + 1}`}
            value={alertProperty}
            set={(next) => set({ alertDynamicProperties: replaced(dynamic, at, { alertProperty: next, value }) })}
            options={ALERT_PROPERTIES.map((each) => [each, each] as const)}
          />
          <span aria-hidden="true">←</span>
          <Column
            label={`Column of ${alertProperty}`}
            place={`alertDetailsOverride.alertDynamicProperties.${at}`}
            value={value}
            set={(next) => set({ alertDynamicProperties: replaced(dynamic, at, { alertProperty, value: next }) })}
          />
          <Remove
            what={alertProperty}
            remove={() => set({ alertDynamicProperties: orNone(replaced(dynamic, at, undefined)) })}
          />
        </div>
      ))}
      <div>
        <Add
          what="property"
          add={() => set({ alertDynamicProperties: [...dynamic, { alertProperty: "AlertLink", value: "" }] })}
        />
      </div>
    </Section>
  );
}

function orNone<T>(list: readonly T[]): readonly T[] | undefined {
  return list.length > 0 ? list : undefined;
}
