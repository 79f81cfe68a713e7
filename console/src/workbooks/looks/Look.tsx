// The rows of a query in the look that they have.
import { useMemo } from "react";
import { Chart, readRender } from "~/charts";
import type { Result } from "../data/fetchTable";
import { chartModel, isChart } from "../model/chart";
import type { QueryItem } from "../model/item";
import { objectOf } from "../model/json";
import type { ParameterValue } from "../model/values";
import { CardLook } from "./CardLook";
import { GraphLook } from "./GraphLook";
import { GridLook } from "./GridLook";
import { MapLook } from "./MapLook";
import { StatLook } from "./StatLook";
import { TilesLook } from "./TilesLook";

export interface LookProps {
  readonly look: string;
  readonly result: Result;
  readonly settings: QueryItem["settings"];
  readonly label: string;
  /** Pixels. */
  readonly height: number;
  readonly size: number;
  readonly canDownload: boolean;
  readonly chosen: readonly number[];
  readonly several: boolean;
  readonly choose: ((rows: readonly number[]) => void) | undefined;
  readonly write: (text: string, row?: Readonly<Record<string, unknown>>) => string;
  readonly brush: ((value: ParameterValue | undefined) => void) | undefined;
}

export function Look(props: LookProps) {
  switch (props.look) {
    case "grid":
      return <GridLook {...props} />;
    case "tiles":
      return <TilesLook {...props} />;
    case "card":
      return <CardLook {...props} />;
    case "stat":
    case "text":
      return <StatLook {...props} />;
    case "graph":
      return <GraphLook {...props} />;
    case "map":
      return <MapLook {...props} />;
    default:
      return isChart(props.look) ? <ChartLook {...props} /> : <Rendered {...props} />;
  }
}

function ChartLook(props: LookProps) {
  const { look, result, settings, label, height } = props;
  const model = useMemo(
    () => chartModel(result.table, look, objectOf(settings.chart), result.render),
    [result, look, settings.chart],
  );
  if (!model) return <GridLook {...props} />;
  return (
    <div className="wb-chart" style={{ height }}>
      <Chart table={model.table} render={model.render} label={label} colors={model.colors} />
    </div>
  );
}

/** A kind that only `render` knows, such as an anomaly chart. */
function Rendered({ result, label, height }: LookProps) {
  const render = useMemo(() => readRender(result.render), [result]);
  return (
    <div className="wb-chart" style={{ height }}>
      <Chart table={result.table} render={render} label={label} />
    </div>
  );
}
