import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { thirdParty } from "./thirdParty";

// `npm run dev` passes everything that is not the console's own on to a running server.
const server = process.env["VEDETTE_URL"] ?? "https://127.0.0.1:8443";

function source(path: string): string {
  return fileURLToPath(new URL(`src/${path}`, import.meta.url));
}

export default defineConfig({
  base: "/console/",
  define: { global: "globalThis" },
  plugins: [react(), thirdParty(fileURLToPath(new URL(".", import.meta.url)))],
  resolve: {
    alias: [
      { find: "~", replacement: source("") },
      // The worker of KQL imports the first generation of Kusto's client, which is large and not needed.
      {
        find: "@kusto/language-service/Kusto.JavaScript.Client.min",
        replacement: source("query/editor/intellisense.ts"),
      },
      { find: "@kusto/language-service/newtonsoft.json.min", replacement: source("query/editor/nothing.ts") },
    ],
  },
  worker: { format: "es" },
  build: { target: "es2023", chunkSizeWarningLimit: 6000, reportCompressedSize: false },
  server: {
    proxy: {
      "^/(?!console/)|^/console/config.json": { target: server, secure: false },
    },
  },
});
