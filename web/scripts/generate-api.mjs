// Makes src/api/schema.gen.ts from the server's own OpenAPI document; with --check it only says whether it is up to date.
// Python: $PYTHON, else the repository's .venv, else python3.

import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import openapiTS, { astToString } from "openapi-typescript";

const root = fileURLToPath(new URL("../..", import.meta.url));
const target = fileURLToPath(new URL("../src/api/schema.gen.ts", import.meta.url));
const venv = `${root}/.venv/bin/python`;
const python = process.env.PYTHON ?? (existsSync(venv) ? venv : "python3");

const document = execFileSync(python, ["-m", "trading_bridge.api.openapi"], { cwd: root, encoding: "utf8", maxBuffer: 64 * 1024 * 1024 });
const made = `// Made by scripts/generate-api.mjs from the server's OpenAPI document. Do not edit.\n\n${astToString(await openapiTS(JSON.parse(document)))}`;

if (process.argv.includes("--check")) {
  const held = existsSync(target) ? readFileSync(target, "utf8") : "";
  if (held !== made) {
    console.error("src/api/schema.gen.ts is not what the server's OpenAPI document gives. Run: npm run api");
    process.exit(1);
  }
  console.log("src/api/schema.gen.ts matches the server's OpenAPI document.");
} else {
  writeFileSync(target, made);
  console.log("Wrote src/api/schema.gen.ts");
}
