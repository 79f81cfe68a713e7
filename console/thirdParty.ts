// The licences of every library that is shipped inside the console, as one text beside it.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Plugin } from "vite";

interface Locked {
  readonly packages: Readonly<
    Record<string, { readonly version?: string; readonly license?: string; readonly dev?: boolean }>
  >;
}

const RULE = "-".repeat(100);

/** One entry a package that is no development tool, by the lock file, with its own licence text. */
export function thirdPartyText(root: string): string {
  const { packages } = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")) as Locked;
  const entries = Object.entries(packages)
    .filter(([path, locked]) => path !== "" && !locked.dev && existsSync(join(root, path)))
    .map(([path, locked]) => {
      const name = path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length);
      const folder = join(root, path);
      const texts = readdirSync(folder, { withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => entry.name)
        .filter((file) => /^(licen[cs]e|notice|copying|third.?party)/i.test(file))
        .sort()
        .map((file) => readFileSync(join(folder, file), "utf8").trim());
      return `${RULE}\n${name} ${locked.version ?? ""} (${locked.license ?? "see below"})\n\n${texts.join("\n\n") || "The package brings no text of its licence."}\n`;
    });
  return `The console of Vedette is made with these libraries.\n\n${entries.join("\n")}`;
}

export function thirdParty(root: string): Plugin {
  return {
    name: "third-party",
    apply: "build",
    generateBundle() {
      this.emitFile({ type: "asset", fileName: "THIRD_PARTY.txt", source: thirdPartyText(root) });
    },
  };
}
