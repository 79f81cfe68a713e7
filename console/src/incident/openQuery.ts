// Opening the query page with a query.
import { copy } from "~/parts/clipboard";

type Go = (to: string) => void;

/** `timespan` is ISO 8601: a duration, or two instants with a slash. */
export function goQuery(_go: Go, query: string, _timespan: string | undefined): void {
  copy(query, "Query copied");
}
