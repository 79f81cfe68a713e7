// Opening the query page with a query.
import { failed } from "~/parts/toast";
import { queryAddress } from "~/query/address";

/** `timespan` is ISO 8601: a duration, or two instants with a slash. */
export function goQuery(go: (to: string) => void, query: string, timespan: string | undefined): void {
  queryAddress({ query, run: true, ...(timespan ? { timespan } : {}) }).then(go, (error: unknown) =>
    failed("The query could not be put into an address.", error),
  );
}
