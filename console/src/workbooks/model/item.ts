// The items of a workbook as they are drawn. Reading never throws: an item that cannot be read says why, and the others
// stand. The format has no public description; this follows what workbooks in public have.
import { isJson, listOf, numberOf, objectOf, parsed, textOf, textsOf, type Json } from "./json";
import { parametersOf, type ParameterDefinition } from "./parameters";
import { querySpecOf, type QuerySpec } from "./query";
import { conditionsOf, type Condition } from "./visibility";

interface Common {
  /** Its place: "2" is the third item, "2.0" the first one in that group. */
  readonly key: string;
  readonly name: string;
  readonly conditions: readonly Condition[];
  /** Percent of the row. */
  readonly width: number;
  readonly style: { readonly margin?: string; readonly padding?: string; readonly border: boolean };
  readonly raw: unknown;
}

export interface TextItem extends Common {
  readonly kind: "text";
  readonly markdown: string;
  /** "info", "warning", "error", "success", "upsell" or nothing. */
  readonly tone: string;
}

export interface QueryItem extends Common {
  readonly kind: "query";
  readonly query: QuerySpec;
  readonly title: string;
  readonly visualization: string;
  /** 0 medium, 1 small, 2 large, 3 full, 4 tiny. */
  readonly size: number;
  readonly emptyText: string;
  readonly emptyTone: string;
  readonly exports: readonly Export[];
  readonly exportsSeveral: boolean;
  readonly brush: string;
  readonly canDownload: boolean;
  readonly canRefresh: boolean;
  readonly settings: {
    readonly grid: Json;
    readonly tiles: Json;
    readonly chart: Json;
    readonly text: Json;
    readonly graph: Json;
    readonly map: Json;
    readonly stat: Json;
    readonly color: string;
    readonly sortBy: readonly unknown[];
  };
}

/** What a chosen row gives to a parameter. */
export interface Export {
  readonly field: string;
  readonly parameter: string;
  readonly otherwise: string;
  readonly quote: string;
  readonly delimiter: string;
  /** 1 is text, 5 and so on as of parameters. */
  readonly type: number;
}

export interface ParametersItem extends Common {
  readonly kind: "parameters";
  readonly parameters: readonly ParameterDefinition[];
  readonly look: string;
}

export interface LinksItem extends Common {
  readonly kind: "links";
  /** "tabs", "list", "toolbar", "paragraph", "bullets", "nav". */
  readonly look: string;
  readonly links: readonly Link[];
}

export interface Link {
  readonly key: string;
  readonly label: string;
  /** "parameter", "Url", "Step" and so on. */
  readonly target: string;
  readonly cell: string;
  readonly subTarget: string;
  readonly before: string;
  readonly after: string;
  readonly raw: Json;
}

export interface GroupItem extends Common {
  readonly kind: "group";
  readonly title: string;
  readonly items: readonly Item[];
  /** The id of the workbook that the items come from. */
  readonly template: string;
  readonly load: "always" | "explicit";
  readonly loadText: string;
  readonly expandable: boolean;
  readonly expanded: boolean;
}

export interface UnrenderedItem extends Common {
  readonly kind: "unrendered";
  /** "metric (type 10)". */
  readonly what: string;
}

export type Item = TextItem | QueryItem | ParametersItem | LinksItem | GroupItem | UnrenderedItem;

export interface Workbook {
  readonly items: readonly Item[];
  /** Ids of resources that queries without one ask. */
  readonly fallback: readonly string[];
}

const DEEPEST = 20;
const MOST_ITEMS = 5000;

/** Raises SyntaxError for a text that is no JSON, or has no list of items. */
export function readWorkbook(serialized: string): Workbook {
  const whole = JSON.parse(serialized) as unknown;
  if (!isJson(whole) || !Array.isArray(whole["items"])) {
    throw new SyntaxError("This is no workbook: it has no list of items.");
  }
  return {
    items: itemsOf(whole["items"], "", 0),
    fallback: textsOf(whole["fallbackResourceIds"]).filter(Boolean),
  };
}

function itemsOf(raw: unknown, prefix: string, depth: number): Item[] {
  return listOf(raw)
    .slice(0, MOST_ITEMS)
    .map((each, at) => itemOf(each, prefix === "" ? `${at}` : `${prefix}.${at}`, depth));
}

function itemOf(raw: unknown, key: string, depth: number): Item {
  if (!isJson(raw)) return { ...common({}, key, raw), kind: "unrendered", what: "an item that is no object" };
  const shared = common(raw, key, raw);
  const unrendered = (what: string): UnrenderedItem => ({ ...shared, kind: "unrendered", what });
  const content = typeof raw["content"] === "string" ? parsed(raw["content"]) : raw["content"];
  if (!isJson(content)) return unrendered(`an item without content (type ${textOf(raw["type"], "?")})`);
  switch (raw["type"]) {
    case 1:
      return { ...shared, kind: "text", markdown: textOf(content["json"]), tone: textOf(content["style"]) };
    case 3:
      return queryItem(shared, content);
    case 9:
      return {
        ...shared,
        kind: "parameters",
        look: textOf(content["style"]),
        parameters: parametersOf(content, key),
      };
    case 11:
      return { ...shared, kind: "links", look: textOf(content["style"], "list"), links: linksOf(content, key) };
    case 12:
      return depth >= DEEPEST ? unrendered("a group too deep (type 12)") : groupItem(shared, content, depth);
    default:
      return unrendered(unknownType(raw["type"]));
  }
}

const NAMES: Readonly<Record<number, string>> = { 10: "metric" };

function unknownType(type: unknown): string {
  const name = typeof type === "number" ? NAMES[type] : undefined;
  return `${name ?? "an unknown item"} (type ${textOf(type, "?")})`;
}

function common(raw: Json, key: string, whole: unknown): Common {
  const style = objectOf(raw["styleSettings"]);
  const percent = numberOf(textOf(raw["customWidth"]).replace("%", "")) ?? 100;
  const margin = lengthsOf(style["margin"]);
  const padding = lengthsOf(style["padding"]);
  return {
    key,
    name: textOf(raw["name"]),
    conditions: conditionsOf(raw),
    width: percent > 0 && percent <= 100 ? percent : 100,
    style: {
      ...(margin ? { margin } : {}),
      ...(padding ? { padding } : {}),
      border: style["showBorder"] === true,
    },
    raw: whole,
  };
}

/** `10px 5px`: up to four plain lengths, and nothing else that a style could have. */
function lengthsOf(raw: unknown): string | undefined {
  const text = textOf(raw).trim();
  if (/^\d+(\.\d+)?$/.test(text)) return `${text}px`;
  return /^(-?\d+(\.\d+)?(px|em|rem|%)?)(\s+-?\d+(\.\d+)?(px|em|rem|%)?){0,3}$/.test(text) ? text : undefined;
}

function queryItem(shared: Common, content: Json): QueryItem {
  return {
    ...shared,
    kind: "query",
    query: querySpecOf(content),
    title: textOf(content["title"]),
    visualization: textOf(content["visualization"]).toLowerCase(),
    size: numberOf(content["size"]) ?? 0,
    emptyText: textOf(content["noDataMessage"]),
    emptyTone:
      ["", "info", "success", "error", "warning", "upsell"][numberOf(content["noDataMessageStyle"]) ?? 0] ?? "",
    exports: exportsOf(content),
    exportsSeveral: content["exportMultipleValues"] === true,
    brush: textOf(content["timeBrushParameterName"]),
    canDownload: content["showExportToExcel"] === true,
    canRefresh: content["showRefreshButton"] === true,
    settings: {
      grid: objectOf(content["gridSettings"]),
      tiles: objectOf(content["tileSettings"]),
      chart: objectOf(content["chartSettings"]),
      text: objectOf(content["textSettings"]),
      graph: objectOf(content["graphSettings"]),
      map: objectOf(content["mapSettings"]),
      stat: objectOf(content["statSettings"]),
      color: textOf(content["color"]),
      sortBy: listOf(content["sortBy"]),
    },
  };
}

function exportsOf(content: Json): Export[] {
  const parameter = textOf(content["exportParameterName"]);
  const first: Export[] = parameter
    ? [
        {
          parameter,
          field: textOf(content["exportFieldName"]),
          otherwise: textOf(content["exportDefaultValue"]),
          quote: "",
          delimiter: ",",
          type: 1,
        },
      ]
    : [];
  const others = listOf(content["exportedParameters"])
    .filter(isJson)
    .map((each) => ({
      parameter: textOf(each["parameterName"]),
      field: textOf(each["fieldName"]),
      otherwise: textOf(each["defaultValue"]),
      quote: textOf(each["quote"]),
      delimiter: textOf(each["delimiter"], ","),
      type: numberOf(each["parameterType"]) ?? 1,
    }));
  return [...first, ...others].filter((each) => each.parameter !== "");
}

function linksOf(content: Json, key: string): Link[] {
  return listOf(content["links"])
    .filter(isJson)
    .map((raw, at) => ({
      key: `${key}-${at}`,
      label: textOf(raw["linkLabel"]) || textOf(raw["tabName"]) || textOf(raw["cellValue"]),
      target: textOf(raw["linkTarget"], "Url"),
      cell: textOf(raw["cellValue"]),
      subTarget: textOf(raw["subTarget"]),
      before: textOf(raw["preText"]),
      after: textOf(raw["postText"]),
      raw,
    }));
}

function groupItem(shared: Common, content: Json, depth: number): GroupItem {
  const fromTemplate = textOf(content["groupType"]) === "template";
  const explicit = textOf(content["loadType"]) === "explicit";
  return {
    ...shared,
    kind: "group",
    title: textOf(content["title"]),
    items: fromTemplate ? [] : itemsOf(content["items"], shared.key, depth + 1),
    template: fromTemplate ? textOf(content["loadFromTemplateId"]) : "",
    load: explicit ? "explicit" : "always",
    loadText: textOf(content["loadButtonText"]) || "Load more",
    expandable: content["expandable"] === true,
    expanded: content["expanded"] === true,
  };
}

/** The items of another workbook in the place of a group's, without parameters that stand above it already. */
export function mergedItems(items: readonly Item[], known: (name: string) => boolean, prefix: string): Item[] {
  return items.flatMap((item): Item[] => {
    const key = `${prefix}.${item.key}`;
    if (item.kind === "group") return [{ ...item, key, items: mergedItems(item.items, known, prefix) }];
    if (item.kind !== "parameters") return [{ ...item, key }];
    const parameters = item.parameters.filter((each) => !known(each.name));
    return parameters.length === 0 ? [] : [{ ...item, key, parameters }];
  });
}
