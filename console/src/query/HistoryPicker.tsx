// The queries that were run here, found by typing; one that is chosen opens in a tab of its own.
import { useQuery } from "@tanstack/react-query";
import { Picker, type Choice } from "~/parts/picker";
import { Loading } from "~/parts/states";
import { ageText } from "~/parts/time";
import { usePlace } from "~/shell/place";
import { recall, type Entry } from "./history";
import { timespanText } from "./timespan";

interface Past extends Choice {
  readonly entry: Entry;
}

export function HistoryPicker({ open, close }: { open: (entry: Entry) => void; close: () => void }) {
  const place = usePlace();
  const past = useQuery({
    queryKey: ["history", place.workspace.customerId],
    gcTime: 0,
    queryFn: async () => ({ entries: await recall(place), now: Date.now() }),
  });
  if (past.isPending) return <Loading what="the history" />;
  const choices = (past.data?.entries ?? []).map((entry, at): Past => ({
    key: String(at),
    label: entry.query.replace(/\s+/g, " ").slice(0, 300),
    hint: `${ageText(past.data!.now - Date.parse(entry.at))} ago · ${
      entry.rows === undefined ? "failed" : `${entry.rows.toLocaleString("en-US")} rows`
    } · ${timespanText(entry.timespan)}`,
    entry,
  }));
  return (
    <Picker
      title={choices.length === 0 ? "Nothing was run here yet" : "Queries that were run here"}
      choices={choices}
      choose={({ entry }) => open(entry)}
      close={close}
    />
  );
}
