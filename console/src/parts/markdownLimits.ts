// How much of Markdown is turned into elements: what is larger, or nested deeper than the reader of it can go, is not.

const LONGEST = 200_000; // characters
const NESTED = /^(?:[ \t]*(?:>|(?:[*+-]|\d{1,9}[.)])[ \t])){40}/m; // quotes and lists within each other

/** Whether a text may be read as Markdown; else it is shown as it is. */
export function isModest(text: string): boolean {
  return text.length <= LONGEST && !NESTED.test(text);
}
