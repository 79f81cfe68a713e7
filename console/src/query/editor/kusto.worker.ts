// The language service of Kusto in a worker: completion, colours, syntax, formatting.
import "@kusto/monaco-kusto/release/esm/kusto.worker";
