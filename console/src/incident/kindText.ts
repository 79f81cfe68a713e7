// How the kinds of entities are called.

/** `Ip` as `IP`, `SecurityAlert` as `Alert`. */
export function kindText(kind: string): string {
  const known: Readonly<Record<string, string>> = {
    Ip: "IP",
    SecurityAlert: "Alert",
    DnsResolution: "DNS",
    Url: "URL",
  };
  return known[kind] ?? kind.replaceAll(/(?<=[a-z])(?=[A-Z])/g, " ");
}
