// Names that only the management API knows: watchlists and workspaces, asked for once a minute at most.
import type { Resource } from "~/api/arm";
import type { Place } from "~/shell/place";

const FRESH = 60_000; // milliseconds

interface Known {
  readonly at: number;
  readonly names: Promise<readonly string[]>;
}

const known = new Map<string, Known>();

/** The aliases of a workspace's watchlists; none where they may not be read. */
export function watchlistNames(place: Place): Promise<readonly string[]> {
  const held = known.get(place.sentinel);
  if (held && Date.now() - held.at < FRESH) return held.names;
  const names = place.arm
    .list<Resource<{ watchlistAlias: string }>>(`${place.sentinel}/watchlists`, "Microsoft.SecurityInsights")
    .then((found) => found.map((each) => each.properties.watchlistAlias))
    .catch(() => {
      known.delete(place.sentinel); // no names are no fault of the text; the next key asks again
      return [];
    });
  known.set(place.sentinel, { at: Date.now(), names });
  return names;
}

/** What may be named inside the string that a line ends in, and where the string begins. */
export async function namesInString(
  place: Place,
  before: string,
): Promise<{ names: readonly string[]; typed: string } | undefined> {
  const found = /\b(_GetWatchlist\w*|workspace)\s*\(\s*(?:'([^']*)|"([^"]*))$/.exec(before);
  if (!found) return undefined;
  const typed = found[2] ?? found[3] ?? "";
  const names = found[1] === "workspace" ? place.workspaces.map((each) => each.name) : await watchlistNames(place);
  return { names, typed };
}
