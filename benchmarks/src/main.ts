// The command line of the benchmarks: npm run bench -- [command] [options].
import { benchmarkProgram } from "./program.ts";

try {
  await benchmarkProgram().parseAsync();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
