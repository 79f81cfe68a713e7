import { expect, test } from "vitest";
import { visible } from "./visible";

test("marks that turn or hide a text are written out", () => {
  expect(visible("a\u202Egnp.exe\u2066x\u200Bb\u0000")).toBe("a⟨U+202E⟩gnp.exe⟨U+2066⟩x⟨U+200B⟩b⟨U+0000⟩");
});

test("plain texts of any script, lines and joined emoji stay", () => {
  for (const text of ["שלום", "مرحبا", "a\tb\r\nc", "👩\u200D💻", "नमस्\u200Cते"]) expect(visible(text)).toBe(text);
});
