import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

const server = process.env.TRADING_BRIDGE_ADDRESS ?? "http://127.0.0.1:8000";

export default defineConfig({
  base: "/app/",
  plugins: [react()],
  resolve: { tsconfigPaths: true },
  server: { proxy: { "/api": { target: server, changeOrigin: false } } },
  build: {
    outDir: "../src/trading_bridge/api/static",
    emptyOutDir: true,
    // The content security policy allows no data: scripts, styles or fonts, so nothing is inlined.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    license: { fileName: "third-party-licences.md" },
  },
});
