// A query as it stands in an item or in a parameter: its text, its source, and the range of time that holds for it.
import { numberOf, textOf, textsOf, type Json } from "./json";
import { timeRangeOf, type TimeRange } from "./timeRange";

/** What is asked, and where: of an item or of a parameter. */
export interface QuerySpec {
  readonly text: string;
  /** 0 Logs, 1 Resource Graph, 7 merge, 8 JSON, 12 management API. */
  readonly source: number;
  readonly resourceType: string;
  readonly resources: readonly string[];
  readonly range: TimeRange | undefined;
  readonly rangeFrom: string;
}

/** The query in an item's content, or in a parameter's. */
export function querySpecOf(content: Json): QuerySpec {
  return {
    text: textOf(content["query"]),
    source: numberOf(content["queryType"]) ?? 0,
    resourceType: textOf(content["resourceType"]).toLowerCase(),
    resources: textsOf(content["crossComponentResources"]).filter(Boolean),
    range: timeRangeOf(content["timeContext"]),
    rangeFrom: textOf(content["timeContextFromParameter"]),
  };
}
