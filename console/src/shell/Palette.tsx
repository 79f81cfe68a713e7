// Ctrl+K: any page, incident or rule by its name.
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import type { Resource } from "~/api/arm";
import { Picker, type Choice } from "~/parts/picker";
import { useGo } from "./address";
import { PAGES } from "./pages";
import { usePlace } from "./place";

interface Target extends Choice {
  readonly to: string;
}

export function Palette({ close }: { close: () => void }) {
  const { arm, sentinel } = usePlace();
  const go = useGo();
  const found = useQuery({
    queryKey: ["palette", sentinel],
    staleTime: 30_000,
    queryFn: async ({ signal }) => {
      const [incidents, rules] = await Promise.all([
        arm.list<Resource<{ title: string; incidentNumber: number; status: string }>>(
          `${sentinel}/incidents`,
          "Microsoft.SecurityInsights",
          { $orderby: "properties/createdTimeUtc desc", $top: 200 },
          signal,
          200,
        ),
        arm.list<Resource<{ displayName: string }>>(`${sentinel}/alertRules`, "Microsoft.SecurityInsights", {}, signal),
      ]);
      return [
        ...incidents.map(({ name, properties }): Target => ({
          key: `incident ${name}`,
          group: "Incident",
          label: `#${properties.incidentNumber} ${properties.title}`,
          hint: properties.status,
          to: `incidents/${name}`,
        })),
        ...rules.map(({ name, properties }): Target => ({
          key: `rule ${name}`,
          group: "Rule",
          label: properties.displayName,
          to: `rules/${encodeURIComponent(name)}`,
        })),
      ];
    },
  });
  const choices = useMemo(
    () => [
      ...PAGES.map((page): Target => ({ key: page.key, group: "Page", label: page.title, to: page.key })),
      ...(found.data ?? []),
    ],
    [found.data],
  );
  return <Picker title="Search or jump" choices={choices} choose={(choice) => go(choice.to)} close={close} />;
}
