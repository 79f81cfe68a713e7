// `<Chart>` for every page that draws one, and `<Spark>` for a few numbers in a row.
import { lazy, Suspense } from "react";
import { Loading } from "~/parts/states";
import type { ChartProps } from "./Chart";

export type { ChartProps } from "./Chart";
export { readRender, NO_RENDER, type Render } from "./render";
export { KINDS } from "./drawing";
export { Spark } from "./Spark";

const Lazy = lazy(() => import("./Chart"));

export function Chart(props: ChartProps) {
  return (
    <Suspense fallback={<Loading what="the chart" />}>
      <Lazy {...props} />
    </Suspense>
  );
}
