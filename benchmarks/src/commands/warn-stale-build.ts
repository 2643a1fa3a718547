import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const PACKAGES = ["plan", "planner", "executor", "coordinator", "headcut"];

/** Says so when what is measured, the bundle, is older than the code it is made of. */
export const warnStaleBuild = (): void => {
  const packages = fileURLToPath(new URL("../../../packages", import.meta.url));
  const bundledAt = statSync(fileURLToPath(import.meta.resolve("headcut"))).mtimeMs;
  const newer = PACKAGES.filter((name) => {
    const dist = join(packages, name, "dist");
    return readdirSync(dist, { recursive: true }).some((entry) => {
      const file = String(entry);
      return /\.(?:js|wasm)$/.test(file) && !/test/.test(file) && statSync(join(dist, file)).mtimeMs > bundledAt;
    });
  });
  if (newer.length === 0) return;
  process.stderr.write(`warning: measuring an old bundle; ${newer.join(", ")} was built since: npm run build\n`);
};
