// Patterns of STIX by the kind of what they are about.
// https://docs.oasis-open.org/cti/stix/v2.1/os/stix-v2.1-os.html#_e8slinrhxcc9

export interface Kind {
  readonly label: string;
  /** The pattern type that the management API gives it. */
  readonly type: string;
  /** What is compared, such as `ipv4-addr:value`. */
  readonly path: string;
  readonly example: string;
  readonly check?: RegExp;
  readonly isNumber?: boolean;
}

const HEX = (length: number): RegExp => new RegExp(`^[0-9a-fA-F]{${length}}$`);

export const KINDS: Readonly<Record<string, Kind>> = {
  ipv4: { label: "IPv4 address or network", type: "ipv4-addr", path: "ipv4-addr:value", example: "203.0.113.7", check: /^(\d{1,3}\.){3}\d{1,3}(\/\d{1,2})?$/ }, // prettier-ignore
  ipv6: { label: "IPv6 address or network", type: "ipv6-addr", path: "ipv6-addr:value", example: "2001:db8::7", check: /^[0-9a-fA-F:.]*:[0-9a-fA-F:.]*(\/\d{1,3})?$/ }, // prettier-ignore
  domain: { label: "Domain name", type: "domain-name", path: "domain-name:value", example: "bad.example", check: /^[^\s/:@]+\.[^\s/:@]+$/ }, // prettier-ignore
  url: { label: "URL", type: "url", path: "url:value", example: "https://bad.example/x", check: /^[a-z][a-z0-9+.-]*:\/\/\S+$/i }, // prettier-ignore
  sha256: { label: "File, SHA-256", type: "file", path: "file:hashes.'SHA-256'", example: "e3b0c442…", check: HEX(64) },
  sha1: { label: "File, SHA-1", type: "file", path: "file:hashes.'SHA-1'", example: "da39a3ee…", check: HEX(40) },
  md5: { label: "File, MD5", type: "file", path: "file:hashes.'MD5'", example: "d41d8cd9…", check: HEX(32) },
  sha512: {
    label: "File, SHA-512",
    type: "file",
    path: "file:hashes.'SHA-512'",
    example: "cf83e135…",
    check: HEX(128),
  },
  fileName: { label: "File, name", type: "file", path: "file:name", example: "dropper.exe" },
  email: {
    label: "E-mail address",
    type: "email-addr",
    path: "email-addr:value",
    example: "x@bad.example",
    check: /^\S+@\S+$/,
  },
  subject: { label: "E-mail, subject", type: "email-message", path: "email-message:subject", example: "Your invoice" },
  process: {
    label: "Process, command line",
    type: "process",
    path: "process:command_line",
    example: "rundll32 x.dll,Go",
  },
  registry: { label: "Registry key", type: "windows-registry-key", path: "windows-registry-key:key", example: "HKLM\\Software\\Bad" }, // prettier-ignore
  mutex: { label: "Mutex", type: "mutex", path: "mutex:name", example: "Global\\bad" },
  account: { label: "Account", type: "user-account", path: "user-account:account_login", example: "svc-bad" },
  agent: { label: "User agent", type: "network-traffic", path: "network-traffic:extensions.'http-request-ext'.request_header.'User-Agent'", example: "curl/1.0" }, // prettier-ignore
  mac: { label: "MAC address", type: "mac-addr", path: "mac-addr:value", example: "00:00:5e:00:53:01", check: /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/i }, // prettier-ignore
  as: { label: "Autonomous system", type: "autonomous-system", path: "autonomous-system:number", example: "64496", check: /^\d+$/, isNumber: true }, // prettier-ignore
  certificate: { label: "Certificate, SHA-1", type: "x509-certificate", path: "x509-certificate:hashes.'SHA-1'", example: "da39a3ee…", check: HEX(40) }, // prettier-ignore
};

/** The pattern of values of a kind: any of them. */
export function patternOf(kind: Kind, values: readonly string[]): string {
  const one = (value: string): string => (kind.isNumber ? value : `'${value.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`); // prettier-ignore
  return `[${values.map((value) => `${kind.path} = ${one(value)}`).join(" OR ")}]`;
}

/** The value that is none of the kind, if there is one. */
export function wrongValue(kind: Kind, values: readonly string[]): string | undefined {
  return values.find((value) => kind.check && !kind.check.test(value));
}
