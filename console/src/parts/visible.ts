// Texts of others with what turns or hides them made visible: `exe.png` may be `gnp.exe` behind a mark that turns it round.
// https://www.unicode.org/reports/tr36/#Bidirectional_Text_Spoofing

/* oxlint-disable no-control-regex -- these are what is looked for */
const HIDDEN =
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\u200b\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\u{e0000}-\u{e007f}]/gu;

/** A text with every mark that is not seen written out, as in `⟨U+202E⟩`; what joins letters and emoji stays. */
export function visible(text: string): string {
  return text.replaceAll(HIDDEN, (mark) => `⟨U+${mark.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")}⟩`);
}
