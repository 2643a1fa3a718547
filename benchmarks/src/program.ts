import { Command } from "commander";
import { addCompareCommand } from "./commands/compare-command.ts";
import { addProfileCommand } from "./commands/profile-command.ts";
import { addRunCommand } from "./commands/run-command.ts";
import { addStartupCommand } from "./commands/startup-command.ts";

export const benchmarkProgram = (): Command => {
  const program = new Command("npm run bench --").description("Measurements of Headcut, beside DuckDB.");
  addRunCommand(program);
  addCompareCommand(program);
  addProfileCommand(program);
  addStartupCommand(program);
  return program;
};
