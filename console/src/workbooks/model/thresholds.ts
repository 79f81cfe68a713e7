// Thresholds: the first line that holds gives a cell its icon or colour, and its text.
import { colorOf, type Color } from "./colors";
import { compares } from "./criteria";
import { isJson, listOf, textOf, type Json } from "./json";

export interface Threshold {
  readonly icon: Icon | undefined;
  readonly color: Color | undefined;
  readonly text: string;
}

/** A sign, and what it says to who does not see it. */
export interface Icon {
  readonly sign: string;
  readonly name: string;
  readonly color: Color;
}

export function thresholdOf(value: string, written: string, options: Json): Threshold {
  const line = listOf(options["thresholdsGrid"])
    .filter(isJson)
    .find((each) => compares(value, textOf(each["operator"], "Default"), textOf(each["thresholdValue"])));
  if (!line) return { icon: undefined, color: undefined, text: written };
  const representation = textOf(line["representation"]);
  const text = textOf(line["text"], "{0}{1}").replaceAll("{0}", written).replaceAll("{1}", "");
  return textOf(options["thresholdsOptions"]) === "colors"
    ? { icon: undefined, color: colorOf(representation), text }
    : { icon: iconOf(representation), color: undefined, text };
}

const GOOD = colorOf("green") as Color;
const BAD = colorOf("red") as Color;
const WARN = colorOf("orange") as Color;
const NOTE = colorOf("blue") as Color;
const DULL = colorOf("gray") as Color;

const ICONS: Readonly<Record<string, Icon>> = {
  success: { sign: "✔", name: "success", color: GOOD },
  available: { sign: "✔", name: "available", color: GOOD },
  resolved: { sign: "✔", name: "resolved", color: GOOD },
  started: { sign: "▶", name: "started", color: GOOD },
  normal: { sign: "●", name: "normal", color: GOOD },
  failed: { sign: "✖", name: "failed", color: BAD },
  error: { sign: "✖", name: "error", color: BAD },
  critical: { sign: "✖", name: "critical", color: BAD },
  unavailable: { sign: "✖", name: "unavailable", color: BAD },
  fired: { sign: "⚑", name: "fired", color: BAD },
  sev0: { sign: "●", name: "severity 0", color: BAD },
  sev1: { sign: "●", name: "severity 1", color: BAD },
  "4": { sign: "✖", name: "critical", color: BAD },
  "3": { sign: "✖", name: "error", color: BAD },
  warning: { sign: "▲", name: "warning", color: WARN },
  degraded: { sign: "▲", name: "degraded", color: WARN },
  sev2: { sign: "▲", name: "severity 2", color: WARN },
  "2": { sign: "▲", name: "warning", color: WARN },
  pending: { sign: "…", name: "pending", color: WARN },
  information: { sign: "ⓘ", name: "information", color: NOTE },
  info: { sign: "ⓘ", name: "information", color: NOTE },
  sev3: { sign: "ⓘ", name: "severity 3", color: NOTE },
  sev4: { sign: "ⓘ", name: "severity 4", color: NOTE },
  "1": { sign: "ⓘ", name: "information", color: NOTE },
  resources: { sign: "▣", name: "resources", color: NOTE },
  question: { sign: "?", name: "question", color: NOTE },
  more: { sign: "…", name: "more", color: DULL },
  stopped: { sign: "■", name: "stopped", color: DULL },
  disabled: { sign: "⊘", name: "disabled", color: DULL },
  cancelled: { sign: "⊘", name: "cancelled", color: DULL },
  canceled: { sign: "⊘", name: "cancelled", color: DULL },
  unknown: { sign: "?", name: "unknown", color: DULL },
  uninitialized: { sign: "○", name: "not initialised", color: DULL },
  up: { sign: "↑", name: "up", color: DULL },
  down: { sign: "↓", name: "down", color: DULL },
  left: { sign: "←", name: "left", color: DULL },
  right: { sign: "→", name: "right", color: DULL },
  trendup: { sign: "↗", name: "rising", color: DULL },
  trenddown: { sign: "↘", name: "falling", color: DULL },
};

/** An icon by the name that workbooks have for it; none for "Blank" and names that are not known. */
export function iconOf(name: string): Icon | undefined {
  return ICONS[name.toLowerCase()] ?? (colorOf(name) ? { sign: "●", name, color: colorOf(name) as Color } : undefined);
}
