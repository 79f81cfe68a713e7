// Going to the query page with a query and its time.
import { useCallback } from "react";
import { queryAddress, type Shared } from "~/query/address";
import { useGo } from "./address";

/** `open({ query, timespan, run })` */
export function useOpenQuery(): (shared: Shared) => void {
  const go = useGo();
  return useCallback((shared) => void queryAddress(shared).then((address) => go(address)), [go]);
}
