// The places of a map look: by latitude and longitude, or by the names of countries. Rows without a place are counted.
import type { Table } from "~/api/logs";
import { atShare, colorOf, paletteOf, type Color } from "./colors";
import { countryPosition, type Position } from "./countries";
import { boundsOf, shareOf } from "./formatters";
import { numberOf, objectOf, textOf, type Json } from "./json";

export interface Spot extends Position {
  readonly row: number;
  readonly label: string;
  readonly amount: number | undefined;
  /** Pixels. */
  readonly radius: number;
  readonly color: Color;
}

export interface MapModel {
  readonly spots: readonly Spot[];
  /** Rows that say no place that is known here. */
  readonly lost: number;
}

const MOST = 500;

export function mapModel(table: Table, settings: Json): MapModel {
  const at = (name: unknown): number => table.columns.findIndex((column) => column.name === textOf(name));
  const where = placer(table, settings);
  const size = at(settings["sizeSettings"]);
  const label = at(settings["labelSettings"]);
  const [column, paint] = painter(table, settings);
  const bounds = boundsOf(
    table.rows.map((row) => row[size]),
    {},
  );
  const placed = table.rows.flatMap((row, index): Spot[] => {
    const position = where(row);
    if (!position) return [];
    const amount = size < 0 ? undefined : numberOf(row[size]);
    return [
      {
        ...position,
        row: index,
        amount,
        label: textOf(row[label >= 0 ? label : nameColumn(table)]),
        radius:
          amount === undefined
            ? 6
            : 4 + 16 * Math.sqrt(shareOf(amount, { ...bounds, least: Math.min(0, bounds.least) })),
        color: paint(row[column]),
      },
    ];
  });
  const largest = placed.sort((one, other) => other.radius - one.radius).slice(0, MOST);
  return { spots: largest, lost: table.rows.length - placed.length };
}

function nameColumn(table: Table): number {
  return Math.max(
    0,
    table.columns.findIndex((column) => column.type === "string"),
  );
}

type Placer = (row: readonly unknown[]) => Position | undefined;

function placer(table: Table, settings: Json): Placer {
  const at = (name: unknown, otherwise: RegExp): number => {
    const set = table.columns.findIndex((column) => column.name === textOf(name));
    return set >= 0 ? set : table.columns.findIndex((column) => otherwise.test(column.name));
  };
  if (textOf(settings["locInfo"], "LatLong").toLowerCase() === "latlong") {
    const latitude = at(settings["latitude"] ?? settings["latitudeField"], /^lat(itude)?\d*$/i);
    const longitude = at(settings["longitude"] ?? settings["longitudeField"], /^lon(g|gitude)?\d*$/i);
    return (row) => {
      const [north, east] = [numberOf(row[latitude]), numberOf(row[longitude])];
      if (north === undefined || east === undefined || Math.abs(north) > 90 || Math.abs(east) > 180) return undefined;
      return { latitude: north, longitude: east };
    };
  }
  const name = at(settings["locInfoColumn"], /country|region|location/i);
  return (row) => countryPosition(textOf(row[name]));
}

function painter(table: Table, settings: Json): [number, (value: unknown) => Color] {
  const raw = objectOf(settings["itemColorSettings"]);
  const column = table.columns.findIndex((each) => each.name === textOf(raw["nodeColorField"]));
  const plain = colorOf("blue") as Color;
  if (column < 0) return [-1, () => plain];
  const palette = paletteOf(textOf(raw["heatmapPalette"], "greenRed"));
  const bounds = boundsOf(
    table.rows.map((row) => row[column]),
    raw,
  );
  return [column, (value) => atShare(palette, shareOf(numberOf(value) ?? bounds.least, bounds))];
}
