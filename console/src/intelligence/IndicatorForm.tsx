// The form of an indicator: what it is about, the pattern that this makes, how sure it is and for how long.
import { useState } from "react";
import { FormDialog, ListField, SelectField, TextField } from "~/parts/form";
import type { IndicatorChanges } from "./changes";
import { CREATE, WRITE, type Indicator, type IndicatorProperties } from "./indicator";
import { KINDS, patternOf, wrongValue } from "./patterns";

const THREATS = ["anomalous-activity", "anonymization", "attribution", "benign", "botnet", "c2", "compromised", "malicious-activity", "phishing", "unknown"]; // prettier-ignore

export default function IndicatorForm(props: { changes: IndicatorChanges; indicator?: Indicator; close: () => void }) {
  const { indicator } = props;
  const [kindKey, setKindKey] = useState(indicator ? "pattern" : "ipv4");
  const [typed, setTyped] = useState("");
  const [properties, setProperties] = useState<IndicatorProperties>(
    indicator?.properties ?? {
      pattern: "",
      source: "Vedette console",
      confidence: 75,
      threatTypes: ["malicious-activity"],
    },
  );
  const set = (change: Partial<IndicatorProperties>): void => setProperties((before) => ({ ...before, ...change }));
  const kind = KINDS[kindKey];
  const values = typed
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter(Boolean);
  const pattern = kind ? (values.length > 0 ? patternOf(kind, values) : "") : properties.pattern;
  const wrong = kind && wrongValue(kind, values);
  const problem = !pattern
    ? "It needs a value."
    : wrong !== undefined
      ? `“${wrong}” is not what ${kind?.label} looks like.`
      : undefined;
  const sent = (): IndicatorProperties => {
    const { patternType: _, ...rest } = properties;
    const named = { ...rest, displayName: properties.displayName || values[0] || "Indicator", pattern };
    return cleaned({ ...named, patternType: kind?.type ?? properties.patternType ?? "" });
  };
  return (
    <FormDialog
      title={indicator ? `Indicator “${indicator.properties.displayName ?? ""}”` : "New indicator"}
      action={indicator ? WRITE : CREATE}
      close={props.close}
      wide
      send={() => (indicator ? props.changes.save(indicator, sent()) : props.changes.create(sent()))}
      {...(problem ? { problem } : {})}
    >
      <div className="pair">
        <SelectField
          label="About"
          value={kindKey}
          set={setKindKey}
          options={[
            ...Object.entries(KINDS).map(([key, { label }]) => [key, label] as const),
            ["pattern", "a pattern of STIX"],
          ]}
        />
        <TextField
          label="Name"
          value={properties.displayName ?? ""}
          set={(displayName) => set({ displayName })}
          placeholder={values[0] ?? ""}
        />
      </div>
      {kind ? (
        <TextField
          label="Values"
          required
          mono
          lines={2}
          value={typed}
          set={setTyped}
          placeholder={kind.example}
          hint="One a line; it matches any of them."
        />
      ) : (
        <TextField
          label="Pattern"
          required
          mono
          lines={3}
          value={properties.pattern}
          set={(next) => set({ pattern: next })}
          placeholder="[ipv4-addr:value = '203.0.113.7']"
        />
      )}
      <div>
        <strong>Pattern that is kept</strong>
        <pre className="codebox" aria-live="polite">
          {pattern || "…"}
        </pre>
      </div>
      <div className="pair">
        <TextField
          label="Confidence, 0 to 100"
          type="number"
          value={String(properties.confidence ?? "")}
          set={(text) => set({ confidence: Number(text) })}
        />
        <TextField label="Source" value={properties.source ?? ""} set={(source) => set({ source })} />
      </div>
      <div className="pair">
        <TextField
          label="Valid from (UTC)"
          placeholder="now"
          value={properties.validFrom ?? ""}
          set={(validFrom) => set({ validFrom })}
        />
        <TextField
          label="Valid until (UTC)"
          placeholder="2027-01-01T00:00:00Z"
          value={properties.validUntil ?? ""}
          set={(validUntil) => set({ validUntil })}
          hint="Empty has no end."
        />
      </div>
      <div className="pair">
        <ListField
          label="Threat types"
          value={properties.threatTypes ?? []}
          set={(threatTypes) => set({ threatTypes })}
          hint={`Such as ${THREATS.slice(4, 9).join(", ")}.`}
        />
        <ListField
          label="Tags"
          value={properties.threatIntelligenceTags ?? []}
          set={(threatIntelligenceTags) => set({ threatIntelligenceTags })}
        />
      </div>
      <ListField
        label="Kill chain"
        value={(properties.killChainPhases ?? []).map((each) => `${each.killChainName}:${each.phaseName}`)}
        set={(texts) => set({ killChainPhases: texts.map(phaseOf) })}
        hint="Such as mitre-attack:command-and-control."
      />
      <TextField
        label="Description"
        lines={2}
        value={properties.description ?? ""}
        set={(description) => set({ description })}
      />
    </FormDialog>
  );
}

function phaseOf(text: string): { killChainName: string; phaseName: string } {
  const at = text.lastIndexOf(":");
  return at < 0
    ? { killChainName: "mitre-attack", phaseName: text }
    : { killChainName: text.slice(0, at), phaseName: text.slice(at + 1) };
}

/** What was left empty is not sent. */
function cleaned(properties: IndicatorProperties): IndicatorProperties {
  return Object.fromEntries(
    Object.entries(properties).filter(([, value]) => value !== ""),
  ) as unknown as IndicatorProperties;
}
