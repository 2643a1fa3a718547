import { spawn } from "node:child_process";

/** Runs a program to its end; what it printed is in the error when it fails. */
export const run = (command, args, options = {}) =>
  new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"], ...options });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8");
      stream.on("data", (text) => {
        output += text;
      });
    }
    child.on("error", (cause) => reject(new Error(`cannot run ${command}: ${cause.message}`)));
    child.on("close", (status) => {
      if (status === 0) resolve(output);
      else reject(new Error(`${command} ${args.join(" ")} ended with ${status}:\n${output.slice(-4000)}`));
    });
  });
