// Two texts line by line: what stayed, what went, what came; and three of them put together.

export interface Line {
  readonly kind: "same" | "gone" | "new";
  readonly text: string;
}

const MOST = 2000; // lines of a text; longer ones are shown as replaced whole

/** The lines of both texts in order. */
export function diffLines(before: string, after: string): Line[] {
  const [left, right] = [split(before), split(after)];
  if (left.length > MOST || right.length > MOST) return [...all("gone", left), ...all("new", right)];
  const found: Line[] = [];
  let [a, b] = [0, 0];
  for (const [i, j] of common(left, right)) {
    found.push(...all("gone", left.slice(a, i)), ...all("new", right.slice(b, j)), { kind: "same", text: left[i]! });
    [a, b] = [i + 1, j + 1];
  }
  return [...found, ...all("gone", left.slice(a)), ...all("new", right.slice(b))];
}

/** A text with the changes of both sides; undefined where they changed the same lines differently. */
export function mergeTexts(base: string, mine: string, theirs: string): string | undefined {
  if (mine === theirs || theirs === base) return mine;
  if (mine === base) return theirs;
  const [old, left, right] = [split(base), split(mine), split(theirs)];
  if (Math.max(old.length, left.length, right.length) > MOST) return undefined;
  const [inLeft, inRight] = [new Map(common(old, left)), new Map(common(old, right))];
  const merged: string[] = [];
  let [o, l, r] = [0, 0, 0];
  for (let at = 0; at <= old.length; at++) {
    const isEnd = at === old.length;
    const [nextLeft, nextRight] = isEnd ? [left.length, right.length] : [inLeft.get(at), inRight.get(at)];
    if (nextLeft === undefined || nextRight === undefined) continue; // somebody changed this line of the base
    const parts = [old.slice(o, at), left.slice(l, nextLeft), right.slice(r, nextRight)].map((part) => part.join("\n"));
    const chunk = chosen(parts[0]!, parts[1]!, parts[2]!);
    if (chunk === undefined) return undefined;
    const lines = chunk === parts[1] ? left.slice(l, nextLeft) : right.slice(r, nextRight);
    merged.push(...lines);
    if (!isEnd) merged.push(old[at]!);
    [o, l, r] = [at + 1, nextLeft + 1, nextRight + 1];
  }
  return merged.join("\n");
}

function chosen(base: string, mine: string, theirs: string): string | undefined {
  if (mine === theirs || theirs === base) return mine;
  return mine === base ? theirs : undefined;
}

function split(text: string): string[] {
  return text.replaceAll("\r\n", "\n").split("\n");
}

function all(kind: Line["kind"], lines: readonly string[]): Line[] {
  return lines.map((text) => ({ kind, text }));
}

/** The places of a longest common subsequence, in both. */
function common(left: readonly string[], right: readonly string[]): [number, number][] {
  const width = right.length + 1;
  const lengths = new Uint16Array((left.length + 1) * width);
  for (let i = left.length - 1; i >= 0; i--) {
    for (let j = right.length - 1; j >= 0; j--) {
      lengths[i * width + j] =
        left[i] === right[j]
          ? lengths[(i + 1) * width + j + 1]! + 1
          : Math.max(lengths[(i + 1) * width + j]!, lengths[i * width + j + 1]!);
    }
  }
  const found: [number, number][] = [];
  for (let [i, j] = [0, 0]; i < left.length && j < right.length;) {
    if (left[i] === right[j]) found.push([i++, j++]);
    else if (lengths[(i + 1) * width + j]! >= lengths[i * width + j + 1]!) i++;
    else j++;
  }
  return found;
}
