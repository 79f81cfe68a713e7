// Addresses that a workbook may link to.

/** An http or https address as it stands, or one of this console; nothing for any other. */
export function safeAddress(text: string): string | undefined {
  const trimmed = text.trim();
  if (trimmed === "") return undefined;
  try {
    const url = new URL(trimmed);
    return url.protocol === "https:" || url.protocol === "http:" ? url.href : undefined;
  } catch {
    return undefined;
  }
}
