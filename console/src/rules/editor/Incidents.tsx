// Whether alerts make incidents, and which alerts come into one.
import { shortDuration } from "../durations";
import { NO_GROUPING, type Grouping, type RuleProperties } from "../model";
import { Check, Choices, Duration, Field, Section, Select } from "./fields";

interface Props {
  readonly properties: RuleProperties;
  readonly change: (patch: Partial<RuleProperties>) => void;
}

export function Incidents({ properties, change }: Props) {
  const configuration = properties.incidentConfiguration ?? { createIncident: true };
  const grouping = { ...NO_GROUPING, ...configuration.groupingConfiguration };
  const set = (patch: Partial<Grouping>): void =>
    change({ incidentConfiguration: { ...configuration, groupingConfiguration: { ...grouping, ...patch } } });
  const place = "incidentConfiguration.groupingConfiguration";
  return (
    <Section title="Incidents" summary={summaryOf(configuration.createIncident, grouping)}>
      <Check
        label="Alerts make incidents"
        value={configuration.createIncident}
        set={(createIncident) => change({ incidentConfiguration: { ...configuration, createIncident } })}
      />
      {configuration.createIncident && (
        <Check
          label="Alerts that belong together come into one incident (grouping)"
          value={grouping.enabled}
          set={(enabled) => set({ enabled })}
        />
      )}
      {configuration.createIncident && grouping.enabled && (
        <>
          <Field label="They belong together when they share" place={`${place}.matchingMethod`}>
            <Select
              value={grouping.matchingMethod}
              set={(matchingMethod) => set({ matchingMethod })}
              options={[
                ["AllEntities", "all entities"],
                ["AnyAlert", "the rule: all of its alerts"],
                ["Selected", "what is chosen below"],
              ]}
            />
          </Field>
          {grouping.matchingMethod === "Selected" && (
            <>
              <Choices
                label="Entities"
                values={grouping.groupByEntities ?? []}
                options={chosenAnd(
                  properties.entityMappings?.map((each) => each.entityType),
                  grouping.groupByEntities,
                )}
                set={(groupByEntities) => set({ groupByEntities })}
              />
              <Choices
                label="Alert details"
                values={grouping.groupByAlertDetails ?? []}
                options={["DisplayName", "Severity"]}
                set={(groupByAlertDetails) => set({ groupByAlertDetails })}
              />
              <Choices
                label="Custom details"
                values={grouping.groupByCustomDetails ?? []}
                options={chosenAnd(Object.keys(properties.customDetails ?? {}), grouping.groupByCustomDetails)}
                set={(groupByCustomDetails) => set({ groupByCustomDetails })}
              />
            </>
          )}
          <Field label="Within" place={`${place}.lookbackDuration`}>
            <Duration value={grouping.lookbackDuration} set={(lookbackDuration) => set({ lookbackDuration })} />
          </Field>
          <Check
            label="Open a closed incident again when another alert comes"
            value={grouping.reopenClosedIncident}
            set={(reopenClosedIncident) => set({ reopenClosedIncident })}
          />
        </>
      )}
    </Section>
  );
}

function summaryOf(createIncident: boolean, grouping: Grouping): string {
  if (!createIncident) return "none";
  if (!grouping.enabled) return "one for each alert";
  return `group ${grouping.matchingMethod} ${shortDuration(grouping.lookbackDuration)}`;
}

/** What can be chosen, and what is chosen although it is gone. */
function chosenAnd(possible: readonly string[] | undefined, chosen: readonly string[] | undefined): string[] {
  return [...new Set([...(possible ?? []), ...(chosen ?? [])])];
}
