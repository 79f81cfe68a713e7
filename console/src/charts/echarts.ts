// ECharts with the kinds of series that are drawn here, and no more.
import { BarChart, CustomChart, LineChart, PieChart, ScatterChart } from "echarts/charts";
import { DataZoomInsideComponent, GridComponent, LegendScrollComponent, TooltipComponent } from "echarts/components";
import { init, use as register, type EChartsType } from "echarts/core";
import { CanvasRenderer, SVGRenderer } from "echarts/renderers";

register([
  BarChart,
  CustomChart,
  LineChart,
  PieChart,
  ScatterChart,
  DataZoomInsideComponent,
  GridComponent,
  LegendScrollComponent,
  TooltipComponent,
  CanvasRenderer,
  SVGRenderer,
]);

export { init, type EChartsType };
