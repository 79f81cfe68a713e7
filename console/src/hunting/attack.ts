// Tactics with their techniques, of the same list that the server's lint has, and who covers which.
import text from "../../../src/vedette/content/lint/attack.txt?raw";

export interface Covered {
  readonly technique: string;
  readonly queries: number;
  readonly rules: number;
}

export interface Tactic {
  readonly name: string;
  readonly queries: number;
  readonly rules: number;
  readonly techniques: readonly Covered[];
}

export interface Said {
  readonly tactics: readonly string[];
  readonly techniques: readonly string[];
}

/** The techniques of each tactic, in the order of an attack. */
export const ATTACK: ReadonlyMap<string, readonly string[]> = readList(text);

export function readList(list: string): Map<string, string[]> {
  const lines = list.split("\n").filter((line) => line && !line.startsWith("#"));
  return new Map(
    lines.map((line) => {
      const [tactic = "", techniques = ""] = line.split(": ");
      return [tactic, techniques.trim().split(/\s+/)];
    }),
  );
}

/** How many queries and rules are for each technique of each tactic. What names tactics counts in these alone. */
export function matrix(
  queries: readonly Said[],
  rules: readonly Said[],
  attack: ReadonlyMap<string, readonly string[]> = ATTACK,
): Tactic[] {
  return [...attack].map(([name, techniques]) => {
    const inTactic = (said: Said): boolean =>
      said.tactics.some((each) => each.toLowerCase() === name.toLowerCase()) ||
      (said.tactics.length === 0 && said.techniques.some((each) => techniques.includes(whole(each))));
    const [ofQueries, ofRules] = [queries.filter(inTactic), rules.filter(inTactic)];
    const count = (of: readonly Said[], technique: string): number =>
      of.filter((said) => said.techniques.some((each) => whole(each) === technique)).length;
    return {
      name,
      queries: ofQueries.length,
      rules: ofRules.length,
      techniques: techniques.map((technique) => ({
        technique,
        queries: count(ofQueries, technique),
        rules: count(ofRules, technique),
      })),
    };
  });
}

/** `T1110` of `T1110.003`. */
export function whole(technique: string): string {
  return technique.toUpperCase().split(".")[0] ?? "";
}

/** `InitialAccess` as `Initial access`. */
export function tacticText(name: string): string {
  const words = name.replace(/([a-z])([A-Z])/g, "$1 $2").toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}
