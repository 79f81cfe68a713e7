// What a word means: the server's answer, from the same entries that its compiler runs.
import type { languages } from "monaco-editor/esm/vs/editor/editor.api";
import { ApiError } from "~/api/errors";
import type { Place } from "~/shell/place";
import { toPoints, toUnits } from "./check";
import { contextOf, queryAt } from "./contexts";
import { monaco } from "./monaco";

export interface Told {
  readonly start: number;
  readonly end: number;
  readonly heading: string;
  readonly text: string;
}

export const hover: languages.HoverProvider = {
  async provideHover(model, position) {
    const context = contextOf(model);
    const offset = model.getOffsetAt(position);
    const query = queryAt(model, offset);
    if (!context || !query || offset < query.start || offset > query.end) return null;
    const told = await ask(context.place, query.text, toPoints(query.text, offset - query.start));
    if (!told) return null;
    return {
      range: monaco.Range.fromPositions(
        model.getPositionAt(query.start + toUnits(query.text, told.start)),
        model.getPositionAt(query.start + toUnits(query.text, told.end)),
      ),
      contents: [{ value: `\`${told.heading}\`` }, { value: told.text }],
    };
  },
};

const described = new Map<string, Promise<Told | undefined>>();

/** What the reference says of a function, an operator or a table by its name. */
export function describe(place: Place, name: string, isFunction: boolean): Promise<Told | undefined> {
  const key = `${place.workspace.customerId} ${name}${isFunction ? "(" : ""}`;
  const held = described.get(key);
  if (held) return held;
  const told = isFunction ? ask(place, `${name}(`, 0) : ask(place, `T | ${name}`, 4);
  described.set(key, told);
  void told.then((answer) => answer ?? described.delete(key));
  return told;
}

/** Undefined where nothing is known, or while the server does not answer. */
async function ask(place: Place, query: string, offset: number): Promise<Told | undefined> {
  try {
    const path = `/vedette/workspaces/${place.workspace.customerId}/hover`;
    const { body } = await place.send<{ hover: Told | null }>({
      audience: "logs",
      method: "POST",
      path,
      body: { query, offset },
    });
    return body.hover ?? undefined;
  } catch (error) {
    if (error instanceof ApiError) return undefined;
    throw error;
  }
}
