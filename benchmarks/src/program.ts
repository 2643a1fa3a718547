import { Command } from "commander";
import { addChartCommand } from "./commands/chart-command.ts";
import { addClusterCommand } from "./commands/cluster-command.ts";
import { addCompareCommand } from "./commands/compare-command.ts";
import { addExchangeCommand } from "./commands/exchange-command.ts";
import { addFaultsCommand } from "./commands/faults-command.ts";
import { addGoalsCommand } from "./commands/goals-command.ts";
import { addKernelsCommand } from "./commands/kernels-command.ts";
import { addProfileCommand } from "./commands/profile-command.ts";
import { addRunCommand } from "./commands/run-command.ts";
import { addStartupCommand } from "./commands/startup-command.ts";
import { warnStaleBuild } from "./commands/warn-stale-build.ts";

export const benchmarkProgram = (): Command => {
  const program = new Command("npm run bench --").description("Measurements of Headcut, beside DuckDB.");
  program.hook("preAction", warnStaleBuild);
  addRunCommand(program);
  addCompareCommand(program);
  addProfileCommand(program);
  addStartupCommand(program);
  addKernelsCommand(program);
  addExchangeCommand(program);
  addClusterCommand(program);
  addFaultsCommand(program);
  addChartCommand(program);
  addGoalsCommand(program);
  return program;
};
