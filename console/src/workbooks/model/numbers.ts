// Numbers as a workbook wants them written: unit, grouping, digits.
import { numberOf, objectOf, textOf, type Json } from "./json";

/** Units by their numbers, as they read in workbooks. */
const SUFFIXES: Readonly<Record<number, string>> = { 1: "%" };
const BYTES: Readonly<Record<number, number>> = { 2: 0, 3: 1, 4: 2, 5: 3, 6: 4, 7: 5, 36: 0 };
const BYTE_NAMES = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
const MILLISECONDS: Readonly<Record<number, number>> = {
  20: 1e-6,
  21: 1e-6,
  22: 1e-3,
  23: 1,
  24: 1000,
  25: 60_000,
  26: 3_600_000,
  27: 86_400_000,
};
const COUNT = 17;

export function formatNumber(value: number, format: Json): string {
  const unit = numberOf(format["unit"]) ?? 0;
  const options = optionsOf(objectOf(format["options"]));
  if (unit in BYTES) return scaled(value * 1024 ** (BYTES[unit] ?? 0), 1024, BYTE_NAMES, options);
  if (unit === COUNT) return scaled(value, 1000, ["", "K", "M", "B", "T"], options, "");
  if (unit in MILLISECONDS) return duration(value * (MILLISECONDS[unit] ?? 1), options);
  return written(value, options) + (SUFFIXES[unit] ?? "");
}

/** What stands for an empty cell: the workbook's own words, or nothing. */
export function emptyText(format: Json): string {
  return textOf(format["emptyValCustomText"]);
}

function optionsOf(raw: Json): Intl.NumberFormatOptions {
  const style = textOf(raw["style"]);
  const currency = textOf(raw["currency"]);
  const options: Intl.NumberFormatOptions = { useGrouping: raw["useGrouping"] !== false };
  if (style === "percent") options.style = "percent";
  if (style === "currency" && /^[A-Z]{3}$/i.test(currency)) Object.assign(options, { style: "currency", currency });
  const least = digits(raw["minimumFractionDigits"], 0, 20);
  const most = digits(raw["maximumFractionDigits"], 0, 20);
  if (most !== undefined) options.maximumFractionDigits = most;
  if (least !== undefined) options.minimumFractionDigits = Math.min(least, most ?? 20);
  const significant = digits(raw["maximumSignificantDigits"], 1, 21);
  if (significant !== undefined) options.maximumSignificantDigits = significant;
  const whole = digits(raw["minimumIntegerDigits"], 1, 21);
  if (whole !== undefined) options.minimumIntegerDigits = whole;
  return options;
}

function digits(value: unknown, least: number, most: number): number | undefined {
  const number = numberOf(value);
  return number === undefined ? undefined : Math.max(least, Math.min(most, Math.round(number)));
}

function written(value: number, options: Intl.NumberFormatOptions): string {
  return new Intl.NumberFormat("en-US", options).format(value);
}

function scaled(
  value: number,
  base: number,
  names: readonly string[],
  options: Intl.NumberFormatOptions,
  space = " ",
): string {
  let at = 0;
  let rest = value;
  while (Math.abs(rest) >= base && at < names.length - 1) {
    rest /= base;
    at += 1;
  }
  const shown =
    at > 0 && options.maximumFractionDigits === undefined ? { maximumFractionDigits: 1, ...options } : options;
  return `${written(rest, shown)}${names[at] ? space : ""}${names[at] ?? ""}`;
}

function duration(milliseconds: number, options: Intl.NumberFormatOptions): string {
  const steps: readonly (readonly [number, string])[] = [
    [86_400_000, "d"],
    [3_600_000, "h"],
    [60_000, "min"],
    [1000, "s"],
  ];
  const [size, name] = steps.find(([least]) => Math.abs(milliseconds) >= least) ?? [1, "ms"];
  return `${written(milliseconds / size, { maximumFractionDigits: 2, ...options })} ${name}`;
}
