// What the API says, as it says it, for whoever asks.
import { useState } from "react";
import type { Incident } from "~/incidents/incident";
import { copy } from "~/parts/clipboard";
import { usePart } from "./queries";

const OF = ["incident", "alerts", "entities", "relations"] as const;

export function Raw({ incident }: { incident: Incident }) {
  const [of, setOf] = useState<(typeof OF)[number]>();
  return (
    <>
      <p className="row">
        {OF.map((each) => (
          <button
            key={each}
            type="button"
            className="small"
            aria-pressed={of === each}
            onClick={() => setOf(of === each ? undefined : each)}
          >
            {each}
          </button>
        ))}
      </p>
      {of === "incident" && <Text value={incident} />}
      {of && of !== "incident" && <Part key={of} incident={incident} of={of} />}
    </>
  );
}

function Part({ incident, of }: { incident: Incident; of: "alerts" | "entities" | "relations" }) {
  return <Text value={usePart(incident.id, of).data ?? null} />;
}

function Text({ value }: { value: unknown }) {
  const text = JSON.stringify(value, null, 2);
  return (
    <>
      <button type="button" className="small" onClick={() => copy(text)}>
        Copy
      </button>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls, and the keyboard must reach that */}
      <pre className="raw" tabIndex={0} role="region" aria-label="Raw JSON">
        {text}
      </pre>
    </>
  );
}
