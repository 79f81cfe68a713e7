// Durations: ISO 8601 on the wire, `5m`, `1h30m`, `14d` where people read and type.

const UNITS = { w: 604_800, d: 86_400, h: 3600, m: 60, s: 1 } as const;
const WIRE =
  /^P(?:(\d+(?:\.\d+)?)W)?(?:(\d+(?:\.\d+)?)D)?(?:T(?:(\d+(?:\.\d+)?)H)?(?:(\d+(?:\.\d+)?)M)?(?:(\d+(?:\.\d+)?)S)?)?$/i;
const SHORT = /^\s*(?:\d+\s*[wdhms]\s*)+$/i;

/** Seconds of `PT5M` or `5m`; undefined when it is neither. */
export function secondsOf(text: string | undefined): number | undefined {
  if (!text) return undefined;
  if (SHORT.test(text)) {
    let seconds = 0;
    for (const [, number, unit] of text.matchAll(/(\d+)\s*([wdhms])/gi)) {
      seconds += Number(number) * UNITS[unit!.toLowerCase() as keyof typeof UNITS];
    }
    return seconds;
  }
  const found = WIRE.exec(text.trim());
  if (!found || text.trim().length < 3) return undefined;
  const units = Object.values(UNITS);
  return units.reduce((sum, unit, at) => sum + Number(found[at + 1] ?? 0) * unit, 0);
}

/** `5m`, `1h 30m`, `14d`; what is no duration stays as it is. */
export function shortDuration(text: string | undefined): string {
  const seconds = secondsOf(text);
  return seconds === undefined ? (text ?? "") : shortSeconds(seconds);
}

export function shortSeconds(seconds: number): string {
  let rest = Math.round(seconds);
  if (rest === 0) return "0s";
  const parts: string[] = [];
  for (const [unit, size] of Object.entries(UNITS)) {
    if (unit === "w") continue;
    const count = Math.floor(rest / size);
    if (count > 0) parts.push(`${count}${unit}`);
    rest -= count * size;
  }
  return parts.join(" ");
}

/** The wire's form of what was typed; undefined when it is no duration. */
export function wireDuration(text: string): string | undefined {
  const seconds = secondsOf(text);
  if (seconds === undefined) return undefined;
  const days = Math.floor(seconds / UNITS.d);
  const time = (["h", "m", "s"] as const)
    .map((unit, at) => {
      const above = [UNITS.d, UNITS.h, UNITS.m][at]!;
      const count = Math.floor((seconds % above) / UNITS[unit]);
      return count > 0 ? `${count}${unit.toUpperCase()}` : "";
    })
    .join("");
  if (days === 0 && time === "") return "PT0S";
  return `P${days > 0 ? `${days}D` : ""}${time ? `T${time}` : ""}`;
}
