// The colours and palettes of workbooks by their names, for light and for dark.

/** [light, dark]. */
export type Color = readonly [string, string];

const COLORS: Readonly<Record<string, Color>> = {
  blue: ["#0b5cad", "#74b6f7"],
  lightblue: ["#0b7fc2", "#8fd0ff"],
  bluedark: ["#083d75", "#5a9be0"],
  grayblue: ["#4a6285", "#9db3d1"],
  green: ["#1a6b33", "#6cd08a"],
  lightgreen: ["#2f8a1f", "#a2e08b"],
  greendark: ["#0d4a20", "#4fae6d"],
  red: ["#a4262c", "#ff9a9a"],
  redbright: ["#c50f1f", "#ff7b7b"],
  reddark: ["#750b1c", "#e06a75"],
  orange: ["#b3541e", "#f0ad5c"],
  orangedark: ["#8a3c0a", "#d8883a"],
  yellow: ["#7a6400", "#e3d16a"],
  amber: ["#8a5a00", "#f2c14e"],
  turquoise: ["#0b6264", "#66cfc4"],
  purple: ["#5d3fa8", "#c3a9f5"],
  purpledark: ["#3d2478", "#a285e0"],
  magenta: ["#8b1f6a", "#f09ad2"],
  magentadark: ["#64104a", "#cf74ae"],
  pink: ["#a82669", "#ffa3cb"],
  brown: ["#6d4424", "#cfa480"],
  gray: ["#56606b", "#a3adb8"],
  grey: ["#56606b", "#a3adb8"],
  black: ["#1b1f24", "#e4e8ec"],
  white: ["#8a949e", "#f0f3f6"],
};

const CATEGORIES = ["blue", "orange", "green", "magenta", "yellow", "purple", "turquoise", "red", "gray", "brown"];

/** A colour by its name; undefined for one that is not known. */
export function colorOf(name: string): Color | undefined {
  const known = COLORS[name.toLowerCase()];
  if (known) return known;
  return /^#[0-9a-f]{6}$/i.test(name) ? [name, name] : undefined;
}

/** What a style takes for a colour. */
export function cssColor([light, dark]: Color): string {
  return `light-dark(${light}, ${dark})`;
}

/** Palettes that go from one colour to another are named by them: greenRed, yellowOrangeRed. */
export function paletteOf(name: string): readonly Color[] {
  const known = colorOf(name);
  if (known) return [known];
  const words = named(name.split(/(?=[A-Z])/));
  if (words.length > 0) return words;
  switch (name.toLowerCase()) {
    case "coldhot":
      return named(["blue", "yellow", "red"]);
    case "hotcold":
      return named(["red", "yellow", "blue"]);
    case "categorical":
      return named(CATEGORIES);
    default:
      return [COLORS["blue"] as Color];
  }
}

function named(names: readonly string[]): Color[] {
  return names.map(colorOf).filter((each) => each !== undefined);
}

/** The colour at a share of a palette, from 0 to 1; the nearest of its colours. */
export function atShare(palette: readonly Color[], share: number): Color {
  const at = Math.round(Math.max(0, Math.min(1, share)) * (palette.length - 1));
  return palette[at] ?? (COLORS["blue"] as Color);
}
