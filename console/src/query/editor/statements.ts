// Which query of a text the cursor is in. Queries are apart by blank lines, as in Azure's editors; a blank line inside
// parentheses, after `;` or before `|` ends nothing.

export interface Statement {
  /** Offsets in the text, in JavaScript's characters. */
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

interface Line {
  readonly start: number;
  readonly end: number;
  /** Without comments, strings as `''`. */
  readonly code: string;
  /** Whether the line began inside parentheses or a string of several lines. */
  readonly isInside: boolean;
  readonly isBlank: boolean;
}

/** The queries of a text in their order. */
export function statements(text: string): Statement[] {
  const found: Statement[] = [];
  let block: Line[] = [];
  const close = (): void => {
    const first = block.find((line) => !line.isBlank);
    const last = block.findLast((line) => !line.isBlank);
    block = [];
    if (first && last) found.push({ start: first.start, end: last.end, text: text.slice(first.start, last.end) });
  };
  const all = lines(text);
  for (const [at, line] of all.entries()) {
    if (line.isBlank && !line.isInside && !goesOn(block, all.slice(at + 1))) close();
    else block.push(line);
  }
  close();
  return found;
}

/** The query that an offset is in, or the one before it; undefined in an empty text. */
export function statementAt(text: string, offset: number): Statement | undefined {
  const all = statements(text);
  return all.findLast((each) => each.start <= offset) ?? all[0];
}

function goesOn(before: readonly Line[], after: readonly Line[]): boolean {
  const code = before.findLast((line) => line.code !== "")?.code ?? "";
  if (code === "") return before.some((line) => !line.isBlank); // comments belong to what follows
  if (/[;,|=(]$/.test(code)) return true;
  const next = after.find((line) => line.code !== "")?.code ?? "";
  return /^[|)]/.test(next);
}

function lines(text: string): Line[] {
  const found: Line[] = [];
  let depth = 0;
  let fence = ""; // the end of a string of several lines
  let start = 0;
  for (const source of text.split("\n")) {
    const isInside = depth > 0 || fence !== "";
    let code = "";
    for (let at = 0; at < source.length;) {
      if (fence) {
        const end = source.indexOf(fence, at);
        if (end < 0) break;
        at = end + 3;
        fence = "";
        code += "''";
        continue;
      }
      const character = source[at]!;
      if (source.startsWith("//", at)) break;
      if (source.startsWith("```", at) || source.startsWith("~~~", at)) {
        fence = source.slice(at, at + 3);
        at += 3;
      } else if (character === "'" || character === '"') {
        at = afterString(source, at);
        code += "''";
      } else {
        if ("([{".includes(character)) depth++;
        if (")]}".includes(character)) depth = Math.max(0, depth - 1);
        code += character;
        at++;
      }
    }
    found.push({
      start,
      end: start + source.length,
      code: code.trim(),
      isInside,
      isBlank: source.trim() === "",
    });
    start += source.length + 1;
  }
  return found;
}

/** The place after a string that begins at a quote; a verbatim one (@) has no escapes. */
function afterString(source: string, from: number): number {
  const quote = source[from]!;
  const isVerbatim = source[from - 1] === "@";
  for (let at = from + 1; at < source.length; at++) {
    if (source[at] === "\\" && !isVerbatim) at++;
    else if (source[at] === quote) return at + 1;
  }
  return source.length;
}
