// Workbooks for tests: our own, and those in the corpus's templates.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";

const ROOT = resolve(import.meta.dirname, "../../..");
export const CORPUS = process.env["VEDETTE_CORPUS"] ?? join(ROOT, "../shared/corpus");

export interface Sample {
  readonly name: string;
  readonly serialized: string;
}

/** One of our own, by its file's name without the ending. */
export function own(name: string): string {
  return readFileSync(join(import.meta.dirname, `${name}.json`), "utf8");
}

/** Every workbook in the solutions' templates, once; none where there is no corpus. */
export function ofCorpus(): Sample[] {
  const folder = join(CORPUS, "arm/solutions");
  if (!existsSync(folder)) return [];
  const found = new Map<string, Sample>();
  for (const file of readdirSync(folder).filter((each) => each.endsWith(".json"))) {
    const texts = serializedIn(JSON.parse(readFileSync(join(folder, file), "utf8")));
    for (const [at, serialized] of texts.entries()) {
      const name = `${file.replace(/^Solutions__|__Package__mainTemplate\.json$/g, "")} ${at + 1}`;
      if (!found.has(serialized)) found.set(serialized, { name, serialized });
    }
  }
  return [...found.values()];
}

function serializedIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(serializedIn);
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, each]) =>
    name === "serializedData" && typeof each === "string" && each.startsWith("{") ? [each] : serializedIn(each),
  );
}
