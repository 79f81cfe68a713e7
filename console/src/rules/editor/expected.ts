// What a test expects, in a few words; what differs is told line by line beside it.

/** `1 alert, 1 incident`, `no alert`, `at least one alert`. */
export function expectedText(expected: unknown): string {
  if (typeof expected !== "object" || expected === null) return thing(expected, "alert");
  const told = expected as Readonly<Record<string, unknown>>;
  const parts = [
    ...("alerts" in told ? [thing(told["alerts"], "alert")] : []),
    ...("incidents" in told ? [thing(told["incidents"], "incident")] : []),
    ...("results" in told ? [thing(told["results"], "result")] : []),
    ...("runs" in told ? [thing(told["runs"], "run")] : []),
    ...("error" in told ? [`the error ${JSON.stringify(told["error"])}`] : []),
  ];
  return parts.join(", ") || JSON.stringify(expected);
}

function thing(told: unknown, what: string): string {
  if (Array.isArray(told)) return counted(told.length, what);
  if (typeof told === "number") return counted(told, what);
  if (told === "none" || told === null) return `no ${what}`;
  if (told === "fires") return `at least one ${what}`;
  return `${what}s as ${JSON.stringify(told)}`;
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}
