// A map without coasts: the places of the rows on a grid of degrees, with a table of the same rows.
import { useMemo, useState, type KeyboardEvent } from "react";
import { cssColor } from "../model/colors";
import { mapModel, type Spot } from "../model/map";
import { GridLook } from "./GridLook";
import type { LookProps } from "./Look";

const WIDTH = 720;
const HEIGHT = 360;
const STEP = 30; // degrees

export function MapLook(props: LookProps) {
  const { result, settings, label, height, choose, chosen } = props;
  const [asTable, setAsTable] = useState(false);
  const model = useMemo(() => mapModel(result.table, settings.map), [result, settings.map]);
  const lines = (most: number): number[] =>
    Array.from({ length: (2 * most) / STEP - 1 }, (_x, at) => (at + 1) * STEP - most);
  return (
    <div className="wb-map">
      <div className="row">
        <span className="faint">
          {model.spots.length} places, on a grid of {STEP} degrees
          {model.lost > 0 && `; ${model.lost} rows have no place that is known here`}
        </span>
        <span className="grow" />
        <button type="button" aria-pressed={asTable} onClick={() => setAsTable(!asTable)}>
          Table
        </button>
      </div>
      {asTable || model.spots.length === 0 ? (
        <GridLook {...props} />
      ) : (
        <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} style={{ maxHeight: height }} role="group" aria-label={`${label}: map`}>
          {lines(180).map((east) => (
            <g key={`e${east}`}>
              <line x1={x(east)} x2={x(east)} y1={0} y2={HEIGHT} className={east === 0 ? "wb-line zero" : "wb-line"} />
              <text x={x(east) + 2} y={HEIGHT - 3}>
                {degrees(east, "E", "W")}
              </text>
            </g>
          ))}
          {lines(90).map((north) => (
            <g key={`n${north}`}>
              <line
                x1={0}
                x2={WIDTH}
                y1={y(north)}
                y2={y(north)}
                className={north === 0 ? "wb-line zero" : "wb-line"}
              />
              <text x={2} y={y(north) - 2}>
                {degrees(north, "N", "S")}
              </text>
            </g>
          ))}
          {model.spots.map((spot) => (
            <Place
              key={spot.row}
              spot={spot}
              isChosen={chosen.includes(spot.row)}
              choose={choose ? () => choose([spot.row]) : undefined}
            />
          ))}
        </svg>
      )}
    </div>
  );
}

function x(longitude: number): number {
  return ((longitude + 180) / 360) * WIDTH;
}

function y(latitude: number): number {
  return ((90 - latitude) / 180) * HEIGHT;
}

function degrees(value: number, positive: string, negative: string): string {
  return value === 0 ? "0°" : `${Math.abs(value)}° ${value > 0 ? positive : negative}`;
}

function Place({ spot, isChosen, choose }: { spot: Spot; isChosen: boolean; choose: (() => void) | undefined }) {
  const said = spot.amount === undefined ? spot.label : `${spot.label}: ${spot.amount.toLocaleString("en-US")}`;
  const acts = choose
    ? {
        role: "button",
        tabIndex: 0,
        "aria-label": said,
        "aria-pressed": isChosen,
        onClick: choose,
        onKeyDown: (event: KeyboardEvent) => {
          if (event.key === "Enter" || event.key === " ") choose();
        },
      }
    : {};
  return (
    <g transform={`translate(${x(spot.longitude)} ${y(spot.latitude)})`} {...acts}>
      <circle r={spot.radius} style={{ fill: cssColor(spot.color) }} className={isChosen ? "chosen" : undefined} />
      <text x={spot.radius + 2} y={4} className="wb-place-name">
        {spot.label.length > 24 ? `${spot.label.slice(0, 23)}…` : spot.label}
      </text>
      <title>{said}</title>
    </g>
  );
}
