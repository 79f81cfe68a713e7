import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

// `npm run dev` passes everything that is not the console's own on to a running server.
const server = process.env["VEDETTE_URL"] ?? "https://127.0.0.1:8443";

export default defineConfig({
  base: "/console/",
  define: { global: "globalThis" },
  plugins: [react()],
  resolve: { alias: { "~": fileURLToPath(new URL("src", import.meta.url)) } },
  worker: { format: "es" },
  build: { target: "es2023", chunkSizeWarningLimit: 6000, reportCompressedSize: false },
  server: {
    proxy: {
      "^/(?!console/)|^/console/config.json": { target: server, secure: false },
    },
  },
});
