// Which parameters a list of items makes, so that a name is known before what makes it is drawn.
import type { Item } from "./item";
import type { Scope } from "./scope";
import { plain } from "./values";

/** Make the parameters of these items known in their scope; those of groups inside are these groups' own, but for global ones. */
export function declareIn(scope: Scope, items: readonly Item[]): void {
  for (const item of items) {
    switch (item.kind) {
      case "parameters":
        for (const each of item.parameters) {
          const where = each.isGlobal ? scope.root : scope;
          where.offer(each.name, each.key, {
            value: undefined,
            pending: true,
            visible: false,
            isRequired: each.isRequired,
          });
        }
        break;
      case "query":
        for (const each of item.exports) {
          const value = each.otherwise === "" ? undefined : plain(each.otherwise);
          scope.offer(each.parameter, item.key, { value });
        }
        if (item.brush) scope.offer(item.brush, item.key, { value: undefined });
        break;
      case "links":
        for (const each of item.links) {
          if (each.target === "parameter" && each.cell && !scope.owner(each.cell)) {
            scope.offer(each.cell, item.key, { value: undefined });
          }
        }
        break;
      case "group":
        declareGlobals(scope.root, item.items);
        break;
      default:
    }
  }
}

function declareGlobals(root: Scope, items: readonly Item[]): void {
  for (const item of items) {
    if (item.kind === "group") declareGlobals(root, item.items);
    if (item.kind !== "parameters") continue;
    for (const each of item.parameters) {
      if (each.isGlobal && !root.owner(each.name)) {
        root.offer(each.name, "declared", { value: undefined, visible: false });
      }
    }
  }
}
