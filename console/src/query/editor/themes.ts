// The editor's own two themes: the colours of styles/tokens.css, every pair of text and ground at 4.5 or more.
import { monaco } from "./monaco";

export const LIGHT = "vedette-light";
export const DARK = "vedette-dark";

let isDefined = false;

export function defineThemes(): void {
  if (isDefined) return;
  isDefined = true;
  monaco.editor.defineTheme(LIGHT, {
    base: "vs",
    inherit: false,
    rules: [{ token: "", foreground: "1b1f24", background: "ffffff" }],
    colors: {
      "editor.background": "#ffffff",
      "editor.foreground": "#1b1f24",
      "editorLineNumber.foreground": "#56606b",
      "editorLineNumber.activeForeground": "#1b1f24",
      "editor.lineHighlightBorder": "#e7ebef",
      "editor.selectionBackground": "#b9d8f7",
      "editorWidget.background": "#f4f6f8",
      "editorWidget.foreground": "#1b1f24",
      "editorWidget.border": "#7b8794",
      "editorSuggestWidget.background": "#ffffff",
      "editorSuggestWidget.foreground": "#1b1f24",
      "editorSuggestWidget.selectedBackground": "#dcebfa",
      "editorSuggestWidget.selectedForeground": "#1b1f24",
      "editorSuggestWidget.highlightForeground": "#0b5cad",
      "editorSuggestWidget.focusHighlightForeground": "#0b5cad",
      "editorHoverWidget.background": "#f4f6f8",
      "editorHoverWidget.foreground": "#1b1f24",
      "textLink.foreground": "#0b5cad",
      "editorError.foreground": "#a4262c",
      "editorWarning.foreground": "#7a4f00",
      "editorInfo.foreground": "#0b5cad",
      "input.background": "#ffffff",
      "input.foreground": "#1b1f24",
      focusBorder: "#0b5cad",
      "menu.background": "#ffffff",
      "menu.foreground": "#1b1f24",
      "menu.selectionBackground": "#dcebfa",
      "menu.selectionForeground": "#1b1f24",
    },
  });
  monaco.editor.defineTheme(DARK, {
    base: "vs-dark",
    inherit: false,
    rules: [{ token: "", foreground: "e4e8ec", background: "12161b" }],
    colors: {
      "editor.background": "#12161b",
      "editor.foreground": "#e4e8ec",
      "editorLineNumber.foreground": "#a3adb8",
      "editorLineNumber.activeForeground": "#e4e8ec",
      "editor.lineHighlightBorder": "#252c35",
      "editor.selectionBackground": "#2b4a6b",
      "editorCursor.foreground": "#e4e8ec",
      "editorWidget.background": "#1a1f26",
      "editorWidget.foreground": "#e4e8ec",
      "editorWidget.border": "#6b7887",
      "editorSuggestWidget.background": "#1a1f26",
      "editorSuggestWidget.foreground": "#e4e8ec",
      "editorSuggestWidget.selectedBackground": "#1d3550",
      "editorSuggestWidget.selectedForeground": "#e4e8ec",
      "editorSuggestWidget.highlightForeground": "#74b6f7",
      "editorSuggestWidget.focusHighlightForeground": "#74b6f7",
      "editorHoverWidget.background": "#1a1f26",
      "editorHoverWidget.foreground": "#e4e8ec",
      "textLink.foreground": "#74b6f7",
      "editorError.foreground": "#ff9a9a",
      "editorWarning.foreground": "#e8b54a",
      "editorInfo.foreground": "#74b6f7",
      "input.background": "#12161b",
      "input.foreground": "#e4e8ec",
      focusBorder: "#74b6f7",
      "menu.background": "#1a1f26",
      "menu.foreground": "#e4e8ec",
      "menu.selectionBackground": "#1d3550",
      "menu.selectionForeground": "#e4e8ec",
    },
  });
}
