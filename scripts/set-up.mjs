// Makes a fresh clone ready: installs the locked dependencies when they are missing or stale, then builds.
import { execFileSync } from "node:child_process";
import { existsSync, statSync } from "node:fs";

const installed = "node_modules/.package-lock.json";
const stale = !existsSync(installed) || statSync(installed).mtimeMs < statSync("package-lock.json").mtimeMs;
// Not `npm ci`, which refuses a lock file that lacks optional packages of other platforms.
if (stale) execFileSync("npm", ["install", "--no-save", "--no-audit", "--no-fund"], { stdio: "inherit" });
execFileSync(process.execPath, ["scripts/build.mjs"], { stdio: "inherit" });
