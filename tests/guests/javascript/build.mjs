// Builds target/javascript/javascript.wasm: node tests/guests/javascript/build.mjs PATH/TO/baepo
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "../../..");
const out = join(root, "target/javascript");
const baepo = process.argv[2] ?? join(root, "target/debug/baepo");

mkdirSync(out, { recursive: true });
copyFileSync(join(here, "package.json"), join(out, "package.json"));
execFileSync("npm", ["install", "--no-audit", "--no-fund", "--no-package-lock"], {
  cwd: out,
  stdio: "inherit",
});
// By its path: it lies below the target folder, and an import would look for it beside this file.
const tool = join(out, "node_modules/@bytecodealliance/componentize-js/src/componentize.js");
const { componentize } = await import(pathToFileURL(tool));
const { component } = await componentize(readFileSync(join(here, "channel.js"), "utf8"), {
  witPath: join(root, "wit"),
  worldName: "channel-plugin",
  disableFeatures: ["random", "stdio", "clocks", "http", "fetch-event"],
});
writeFileSync(join(out, "bare.wasm"), component);
execFileSync(
  baepo,
  [
    "plugin", "build",
    "--module", join(out, "bare.wasm"),
    "--manifest", join(here, "channel.toml"),
    "--out", join(out, "javascript.wasm"),
  ],
  { stdio: "inherit" },
);
