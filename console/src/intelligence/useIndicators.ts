// Indicators by criteria, and how many there are of each kind.
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { askRows } from "~/api/kql";
import { usePlace } from "~/shell/place";
import { criteriaBody, PROVIDER, type Criteria, type Indicator } from "./indicator";

interface Page {
  readonly value: readonly Indicator[];
  readonly nextLink?: string;
}

export interface Found {
  readonly indicators: readonly Indicator[];
  readonly hasMore: boolean;
}

/** A page of them; the criteria narrow it when there are more. */
export function useIndicators(criteria: Criteria) {
  const place = usePlace();
  return useQuery({
    queryKey: ["indicators", place.sentinel, criteria],
    placeholderData: keepPreviousData,
    queryFn: async ({ signal }): Promise<Found> => {
      const now = criteria.expires ? await serverNow(place, signal) : new Date();
      const id = `${place.sentinel}/threatIntelligence/main/queryIndicators`;
      const page = await place.arm.post<Page>(id, PROVIDER, criteriaBody(criteria, now), signal);
      return { indicators: page.value, hasMore: page.nextLink !== undefined };
    },
  });
}

/** The server's clock, which a virtual one moves. */
async function serverNow(place: Parameters<typeof askRows>[0], signal?: AbortSignal): Promise<Date> {
  const [row] = await askRows(place, { query: "print Now = now()", ...(signal ? { signal } : {}) });
  return new Date(String(row?.["Now"]));
}

interface Metric {
  readonly metricName: string;
  readonly metricValue: number;
}

export interface Metrics {
  readonly lastUpdatedTimeUtc?: string;
  readonly threatTypeMetrics: readonly Metric[];
  readonly patternTypeMetrics: readonly Metric[];
  readonly sourceMetrics: readonly Metric[];
}

export function useMetrics() {
  const { arm, sentinel } = usePlace();
  return useQuery({
    queryKey: ["indicatorMetrics", sentinel],
    staleTime: 30_000,
    queryFn: async ({ signal }) => {
      const found = await arm.list<{ properties: Metrics }>(
        `${sentinel}/threatIntelligence/main/metrics`,
        PROVIDER,
        {},
        signal,
      );
      return found[0]?.properties;
    },
  });
}

/** A value once it stayed the same for a while. */
export function useSettled<T>(value: T, milliseconds = 250): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), milliseconds);
    return () => clearTimeout(timer);
  }, [value, milliseconds]);
  return settled;
}
