// Tests against other people's programs (interop/README.md): installs those programs, then runs the tests. Arguments go to vitest.
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

const tools = "interop/tools";
const folder = resolve(".data/interop");
mkdirSync(folder, { recursive: true });

const install = async (file) => {
  const { default: tool } = await import(pathToFileURL(resolve(tools, file)).href);
  const start = performance.now();
  const environment = await tool.install(folder);
  console.log(`— ${tool.name}: there after ${((performance.now() - start) / 1000).toFixed(1)} s`);
  return environment;
};

const installed = await Promise.allSettled(
  readdirSync(tools)
    .filter((file) => file.endsWith(".mjs"))
    .map(install),
);
const failures = installed.filter(({ status }) => status === "rejected");
for (const { reason } of failures) console.error(reason.message);
if (failures.length > 0) {
  console.log(`0 passed, ${failures.length} failed`);
  process.exit(1);
}

const scratch = mkdtempSync(join(tmpdir(), "headcut-interop-"));
const report = join(scratch, "tests.json");
const { status } = spawnSync(
  process.execPath,
  [
    "node_modules/vitest/vitest.mjs",
    "run",
    "--config=interop/vitest.config.ts",
    "--reporter=default",
    "--reporter=json",
    `--outputFile.json=${report}`,
    ...process.argv.slice(2),
  ],
  {
    stdio: "inherit",
    env: {
      ...process.env,
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true",
      ...Object.assign({}, ...installed.map(({ value }) => value)),
    },
  },
);
let [passed, failed] = [0, 0];
try {
  const { numPassedTests, numFailedTests, numPendingTests } = JSON.parse(readFileSync(report, "utf8"));
  [passed, failed] = [numPassedTests, numFailedTests + numPendingTests];
} catch (cause) {
  console.error(`no test report: ${cause.message}`);
}
rmSync(scratch, { recursive: true, force: true });
// A file that cannot be loaded has no tests to fail.
if (failed === 0 && (status !== 0 || passed === 0)) failed = 1;
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
