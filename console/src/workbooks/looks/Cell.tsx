// One cell as its column's formatter shows it: in a grid, a tile or a card.
import type { CSSProperties } from "react";
import type { Column } from "~/api/logs";
import { instantText } from "~/parts/time";
import { usePreferences } from "~/session/preferences";
import { atShare, colorOf, cssColor, paletteOf } from "../model/colors";
import { shareOf, type Bounds, type Formatter } from "../model/formatters";
import { isJson, listOf, numberOf, objectOf, parsed, textOf } from "../model/json";
import { emptyText, formatNumber } from "../model/numbers";
import { lastOfId } from "../model/substitute";
import { iconOf, thresholdOf, type Icon } from "../model/thresholds";
import { LinkedCell, linkOf } from "./LinkedCell";
import { SparkLine } from "./SparkLine";

export interface CellProps {
  readonly value: unknown;
  readonly column: Column | undefined;
  readonly formatter: Formatter;
  readonly bounds: Bounds;
  /** All cells of the row by the names of their columns. */
  readonly row: Readonly<Record<string, unknown>>;
  readonly write: (text: string, row?: Readonly<Record<string, unknown>>) => string;
}

export function Cell(props: CellProps) {
  const { formatter, row, write } = props;
  const link = linkOf(formatter, props.value, row);
  const inside = <Shown {...props} />;
  const tooltip = formatter.tooltip ? write(formatter.tooltip, row) : undefined;
  if (link) {
    return (
      <LinkedCell link={link} label={write(textOf(formatter.options["linkLabel"]), row)} title={tooltip}>
        {inside}
      </LinkedCell>
    );
  }
  return tooltip ? <span title={tooltip}>{inside}</span> : inside;
}

/** A cell as text, without its look: what is copied, and what is read. */
export function useCellText(): (value: unknown, column: Column | undefined, formatter: Formatter) => string {
  const { zone } = usePreferences();
  return (value, column, formatter) => {
    if (value === null || value === undefined || value === "") return emptyText(formatter.numbers);
    if (formatter.look === "date" || (column?.type === "datetime" && formatter.look !== "text")) {
      return instantText(textOf(value), zone);
    }
    const number = formatter.hasNumbers ? numberOf(value) : undefined;
    if (number !== undefined) return formatNumber(number, formatter.numbers);
    if (formatter.look === "resource") return lastOfId(textOf(value));
    return typeof value === "object" ? JSON.stringify(value) : textOf(value);
  };
}

function Shown(props: CellProps) {
  const { value, column, formatter, bounds, row, write } = props;
  const text = useCellText()(value, column, formatter);
  const number = numberOf(value);
  switch (formatter.look) {
    case "bar":
    case "barUnder":
      if (number === undefined) return <>{text}</>;
      return (
        <span className={formatter.look === "bar" ? "wb-bar" : "wb-bar under"}>
          <span className="wb-bar-fill" style={barOf(number, bounds, formatter)} />
          <span>{text}</span>
        </span>
      );
    case "heatmap":
      if (number === undefined) return <>{text}</>;
      return (
        <span
          className="wb-heat"
          style={tint(atShare(paletteOf(textOf(formatter.options["palette"])), shareOf(number, bounds)))}
        >
          {text}
        </span>
      );
    case "thresholds": {
      const found = thresholdOf(textOf(value), text, formatter.options);
      const written = write(found.text, row);
      if (found.color) {
        return (
          <span className="wb-heat" style={tint(found.color)}>
            {written}
          </span>
        );
      }
      return (
        <>
          {found.icon && <Sign icon={found.icon} hasText={written !== ""} />} {written}
        </>
      );
    }
    case "icon": {
      const icon = iconOf(textOf(value));
      return icon ? (
        <>
          <Sign icon={icon} hasText /> {text}
        </>
      ) : (
        <>{text}</>
      );
    }
    case "sparkBars":
    case "sparkLine": {
      const numbers = numbersIn(value);
      if (!numbers) return <>{text}</>;
      const color = paletteOf(textOf(formatter.options["palette"]))[0];
      return (
        <SparkLine
          values={numbers}
          kind={formatter.look === "sparkBars" ? "bars" : "line"}
          label={column?.name ?? ""}
          {...(color ? { color: cssColor(color) } : {})}
        />
      );
    }
    case "big":
      return <span className="wb-big">{text}</span>;
    case "composite":
      return <Composite {...props} />;
    default:
      return <>{text}</>;
  }
}

function Sign({ icon, hasText }: { icon: Icon; hasText: boolean }) {
  return (
    <span
      className="wb-sign"
      style={{ color: cssColor(icon.color) }}
      {...(hasText ? { "aria-hidden": true } : { role: "img", "aria-label": icon.name })}
      title={icon.name}
    >
      {icon.sign}
    </span>
  );
}

function barOf(number: number, bounds: Bounds, formatter: Formatter): CSSProperties {
  const zero =
    formatter.options["min"] === undefined ? { least: Math.min(0, bounds.least), most: bounds.most } : bounds;
  const share = shareOf(number, zero);
  const color = atShare(paletteOf(textOf(formatter.options["palette"], "blue")), share);
  return { width: `${Math.round(share * 100)}%`, background: cssColor(color) };
}

/** A ground that leaves the text's contrast: a fifth of the colour. */
function tint(color: readonly [string, string]): CSSProperties {
  const mix = `color-mix(in srgb, ${cssColor(color)} 22%, var(--ground))`;
  return { background: mix, borderLeftColor: cssColor(color) };
}

/** The numbers of a trend: an array, or one that is a text. */
export function numbersIn(value: unknown): number[] | undefined {
  const list = typeof value === "string" ? parsed(value) : value;
  if (!Array.isArray(list)) return undefined;
  const numbers = (list as unknown[]).map((each) => numberOf(each) ?? 0);
  return numbers.length > 0 ? numbers : undefined;
}

function Composite({ formatter, row, write }: CellProps) {
  const settings = objectOf(formatter.options["compositeBarSettings"]);
  const parts = listOf(settings["columnSettings"])
    .filter(isJson)
    .map((each) => ({
      name: textOf(each["columnName"]),
      amount: numberOf(row[textOf(each["columnName"])]) ?? 0,
      color: colorOf(textOf(each["color"])) ?? paletteOf("blue")[0],
    }));
  const sum = parts.reduce((all, each) => all + Math.max(0, each.amount), 0);
  const said = parts.map((each) => `${each.name} ${each.amount}`).join(", ");
  return (
    <span className="wb-composite">
      <span>{write(textOf(settings["labelText"]), row)}</span>
      <span className="wb-composite-bar" role="img" aria-label={said} title={said}>
        {sum > 0 &&
          parts.map((each) => (
            <span
              key={each.name}
              style={{
                width: `${(100 * Math.max(0, each.amount)) / sum}%`,
                ...(each.color ? { background: cssColor(each.color) } : {}),
              }}
            />
          ))}
      </span>
    </span>
  );
}
