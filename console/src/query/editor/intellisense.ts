// Stands in for the first generation of Kusto's language client (0.5 MB gzip), which the worker names at its start and
// uses for control commands only; those are no part of KQL here.
import "@kusto/language-service/bridge.min";

class Nothing {}
class Option {
  constructor(
    readonly Kind: unknown,
    readonly Value: string,
  ) {}
}

const intellisense: Record<string, unknown> = {
  OptionKind: {},
  EntityDataType: {},
  CompletionOption: Option,
  CslDocumentation: { Instance: { GetTopic: () => null } }, // our own reference answers, when a name is looked at
};
for (const name of ["Cluster", "Database", "Table", "Column", "Function"]) {
  intellisense[`KustoIntelliSense${name}Entity`] = Nothing;
}
for (const name of ["ApplyPolicy", "CslCommandParser", "KustoIntelliSenseQuerySchema"]) intellisense[name] = Nothing;
for (const name of ["CslIntelliSenseRulesProvider", "CslQueryIntelliSenseRulesProvider"]) {
  intellisense[name] = { $ctor1: Nothing };
}

const scope = globalThis as unknown as { Kusto?: { Data?: unknown } };
scope.Kusto = { ...scope.Kusto, Data: { IntelliSense: intellisense } };
