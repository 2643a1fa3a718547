// Builds every package: the AssemblyScript kernels first, then the TypeScript projects in dependency order, then the bundle.
import { execFileSync } from "node:child_process";

const run = (command, args) => execFileSync(command, args, { stdio: "inherit" });

run(process.execPath, ["packages/executor/scripts/build-kernels.mjs"]);
run(process.execPath, ["node_modules/typescript/bin/tsc", "--build"]);
run(process.execPath, ["scripts/bundle.mjs"]);
