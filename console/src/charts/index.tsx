// `<Chart>` for every page that draws one.
import { lazy, Suspense } from "react";
import { Loading } from "~/parts/states";
import type { ChartProps } from "./Chart";

export type { ChartProps } from "./Chart";
export { readRender, NO_RENDER, type Render } from "./render";
export { KINDS } from "./drawing";

const Lazy = lazy(() => import("./Chart"));

export function Chart(props: ChartProps) {
  return (
    <Suspense fallback={<Loading what="the chart" />}>
      <Lazy {...props} />
    </Suspense>
  );
}
