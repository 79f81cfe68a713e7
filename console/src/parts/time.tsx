// Instants as the person chose to see them; which zone it is stands beside every one of them.
import { usePreferences } from "~/session/preferences";

/** `2026-11-22 03:01:07Z`, or local time with its offset; what is no instant stays as it is. */
export function instantText(value: string, zone: "utc" | "local"): string {
  const at = new Date(value);
  if (Number.isNaN(at.getTime())) return value;
  if (zone === "utc") return `${at.toISOString().slice(0, 19).replace("T", " ")}Z`;
  const minutes = -at.getTimezoneOffset();
  const local = new Date(at.getTime() + minutes * 60_000).toISOString().slice(0, 19).replace("T", " ");
  const two = (n: number): string => String(n).padStart(2, "0");
  return `${local}${minutes < 0 ? "-" : "+"}${two(Math.floor(Math.abs(minutes) / 60))}:${two(Math.abs(minutes) % 60)}`;
}

/** `3m`, `2h`, `5d`: how long something took or is ago. */
export function ageText(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)}h`;
  return `${Math.floor(seconds / 86_400)}d`;
}

export function Instant({ value }: { value: string | undefined }) {
  const { zone } = usePreferences();
  if (!value) return <span className="faint">–</span>;
  return (
    <time dateTime={value} className="instant">
      {instantText(value, zone)}
    </time>
  );
}
