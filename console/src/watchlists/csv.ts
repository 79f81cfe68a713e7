// Text with a header, separated by commas or tabs, read as the server reads it; lines that it would refuse are named.
// Limits: https://learn.microsoft.com/azure/sentinel/watchlists#limitations-of-watchlists

const LONGEST_LINE = 10_240;
const MOST_COLUMNS = 500;

export interface Refused {
  readonly line: number;
  readonly reason: string;
}

export interface Read {
  readonly delimiter: "," | "\t";
  readonly header: readonly string[];
  /** The header as it was written. */
  readonly headerText: string;
  readonly lines: readonly { readonly values: readonly string[]; readonly text: string }[];
  readonly refused: readonly Refused[];
  /** Why none of it can be taken. */
  readonly problem?: string;
}

interface Record {
  readonly line: number;
  readonly values: string[];
  readonly text: string;
  readonly fault?: string;
}

export function readText(content: string, skip = 0): Read {
  const text = content.replace(/^\uFEFF/, "");
  const start = afterLines(text, skip);
  const firstLine = text.slice(start).split(/\r\n|\r|\n/, 1)[0] ?? "";
  const delimiter = firstLine.includes("\t") && !firstLine.includes(",") ? "\t" : ",";
  const records = recordsOf(text, start, skip, delimiter).filter(
    ({ values, fault }) => fault || values.some((value) => value.trim() !== ""),
  );
  const first = records.shift();
  const header = first?.values.map((value) => value.trim()) ?? [];
  const read: Read = { delimiter, header, headerText: first?.text ?? "", lines: [], refused: [] };
  const problem = !first ? "There is no header." : (first.fault ?? headerProblem(header));
  if (problem) return { ...read, problem };
  const lines: { values: string[]; text: string }[] = [];
  const refused: Refused[] = [];
  for (const record of records) {
    const reason = record.fault ?? lineProblem(record, header.length);
    if (reason) refused.push({ line: record.line, reason });
    else lines.push({ values: record.values, text: record.text });
  }
  return { ...read, lines, refused };
}

function headerProblem(header: readonly string[]): string | undefined {
  if (header.length > MOST_COLUMNS) return `It has ${header.length} columns; a watchlist has at most ${MOST_COLUMNS}.`;
  const empty = header.indexOf("");
  if (empty >= 0) return `The header has no name for column ${empty + 1}.`;
  const twice = header.find((name, at) => header.indexOf(name) < at);
  return twice === undefined ? undefined : `The header has two columns with the name “${twice}”.`;
}

function lineProblem({ values, text }: Record, columns: number): string | undefined {
  if (values.length > columns) return `has ${values.length} values, and the header has ${columns} columns`;
  if (text.split(/\r\n|\r|\n/).some((line) => line.length > LONGEST_LINE))
    return `has more than ${LONGEST_LINE} characters`;
  return undefined;
}

function afterLines(text: string, count: number): number {
  let at = 0;
  for (let skipped = 0; skipped < count; skipped++) {
    const end = /\r\n|\r|\n/.exec(text.slice(at));
    if (!end) return text.length;
    at += end.index + end[0].length;
  }
  return at;
}

/** Records with the line that each begins in; quotes may hold delimiters, line ends and doubled quotes. */
function recordsOf(text: string, start: number, skipped: number, delimiter: string): Record[] {
  const records: Record[] = [];
  let line = skipped + 1;
  let at = start;
  while (at < text.length) {
    const record: { line: number; values: string[]; fault?: string } = { line, values: [] };
    const began = at;
    for (;;) {
      let value = "";
      if (text[at] === '"') {
        const field = quotedField(text, at);
        value = field.value;
        at = field.end;
        if (!field.closed) record.fault = "has a quotation mark that is never closed";
        else if (at < text.length && text[at] !== delimiter && text[at] !== "\n" && text[at] !== "\r")
          record.fault = "has text behind a closing quotation mark";
      }
      const from = at;
      while (at < text.length && text[at] !== delimiter && text[at] !== "\n" && text[at] !== "\r") at++;
      record.values.push(value + text.slice(from, at));
      if (text[at] !== delimiter) break;
      at++;
    }
    records.push({ ...record, text: text.slice(began, at) });
    line += text.slice(began, at).split(/\r\n|\r|\n/).length;
    if (text[at] === "\r" && text[at + 1] === "\n") at++;
    at++;
  }
  return records;
}

function quotedField(text: string, start: number): { value: string; end: number; closed: boolean } {
  let at = start + 1;
  let value = "";
  for (;;) {
    const quote = text.indexOf('"', at);
    if (quote < 0) return { value: value + text.slice(at), end: text.length, closed: false };
    value += text.slice(at, quote);
    if (text[quote + 1] !== '"') return { value, end: quote + 1, closed: true };
    value += '"';
    at = quote + 2;
  }
}

interface Piece {
  readonly rawContent: string;
  /** Lines beside the header. */
  readonly count: number;
}

/** Texts to send one after the other, each with the header, of at most so many lines and characters. */
export function pieces(read: Read, mostLines = 2000, mostCharacters = 1_500_000): Piece[] {
  const found: Piece[] = [];
  let now: string[] = [];
  let size = 0;
  const flush = (): void => {
    if (now.length > 0) found.push({ rawContent: [read.headerText, ...now].join("\n"), count: now.length });
    now = [];
    size = 0;
  };
  for (const { text } of read.lines) {
    if (now.length >= mostLines || size + text.length > mostCharacters) flush();
    now.push(text);
    size += text.length;
  }
  flush();
  return found;
}
