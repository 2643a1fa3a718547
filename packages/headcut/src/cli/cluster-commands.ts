import { type Command, InvalidArgumentError } from "commander";
import type { DevCommandOptions } from "./dev-command.ts";
import type { DropCommandOptions } from "./drop-command.ts";
import { byteSize, positiveInteger, sizeOrNone } from "./engine-options.ts";
import type { LoadCommandOptions } from "./load-command.ts";
import { securityOptions } from "./security-options.ts";
import type { ServeCommandOptions } from "./serve-command.ts";
import type { ShardsCommandOptions } from "./shards-command.ts";

/** Adds the commands that make, fill and show a cluster. `done` takes their exit status. */
export const addClusterCommands = (program: Command, done: (status: number) => void): void => {
  securityOptions(program.command("serve").description("run a node of a cluster"))
    .requiredOption("-d, --data <dir>", "folder of this node's shards: NAME/*.parquet is the table NAME")
    .option(
      "-l, --listen <host:port>",
      "where clients and other nodes reach it; port 0 takes a free one",
      "127.0.0.1:8815",
    )
    .option("--advertise <host:port>", "what the others are told, when that is not --listen")
    .option("-j, --join <seeds>", "host:port,… or dns:name:port or dns:_service._tcp.name or etcd:http://host:port", "")
    .option("--cluster <name>", "nodes of other clusters are not let in", "headcut")
    .option("-t, --threads <n>", "worker threads (default: one per core)", positiveInteger)
    .option("--memory <size>", "what all queries may use together, as 512MB or 2GiB", byteSize)
    .option("--memory-limit <size>", "what one query may use of it at most", byteSize)
    .option("--temp-directory <dir>", "where rows go that find no room in memory (default: in the data directory)")
    .option("--temp-limit <size>", "what they may take there, 0 for nothing (default: all there is)", sizeOrNone)
    .option("--cache <dir>", "keeps parts of s3:// objects (default: in the data directory)")
    .option("--cache-size <size>", "what it may take, 0 for none (default: 8GiB)", sizeOrNone)
    .option("--http <host:port>", "serve /health, /ready and /metrics")
    .option("--grace <seconds>", "how long queries may run on when the node is told to stop", seconds, 30)
    .option(
      "--repair-after <seconds>",
      "copies are made again of what a node held that is gone for so long; never: not at all",
      secondsOrNever,
      120,
    )
    .option("--stop-with-parent", "end when the process that started this one does")
    .action(async (options: ServeCommandOptions) => {
      const { runServeCommand } = await import("./serve-command.ts");
      done(await runServeCommand(options));
    });

  program
    .command("dev")
    .description("run a cluster on this machine, each node a process")
    .option("-n, --nodes <n>", "how many", positiveInteger, 3)
    .option("-d, --data <dir>", "where each node has a folder (default: a temporary one)")
    .option("--base-port <port>", "of the first node; the others follow", positiveInteger, 8815)
    .option("-t, --threads <n>", "of each node (default: an even part of the cores)", positiveInteger)
    .option("--memory <size>", "of each node, as 512MB or 2GiB")
    .action(async (options: DevCommandOptions) => {
      const { runDevCommand } = await import("./dev-command.ts");
      done(await runDevCommand(options));
    });

  securityOptions(program.command("load").description("spread Parquet files over a cluster as shards of a table"))
    .requiredOption("--table <name>", "it is made if there is none")
    .requiredOption("--from <paths...>", "files and globs")
    .requiredOption("--to-cluster <url>", "any nodes of it: grpc://host:port,host:port, or grpc+tls://")
    .option("--copies <n>", "of each shard, on as many nodes", positiveInteger, 2)
    .option("--partitioned-by <column>", "each value of it is in one file alone: tables are joined where they are")
    .option("--replace", "the table is these files from then on, and no others")
    .action(async (options: LoadCommandOptions) => {
      const { runLoadCommand } = await import("./load-command.ts");
      done(await runLoadCommand(options));
    });

  securityOptions(program.command("drop").description("drop a table that was loaded into a cluster"))
    .requiredOption("--cluster <url>", "any nodes of it: grpc://host:port,host:port, or grpc+tls://")
    .requiredOption("--table <name>", "its shards are removed from all nodes")
    .option("--if-exists", "no failure when there is none")
    .action(async (options: DropCommandOptions) => {
      const { runDropCommand } = await import("./drop-command.ts");
      done(await runDropCommand(options));
    });

  securityOptions(program.command("shards").description("show where the shards of a cluster's tables are"))
    .requiredOption("--cluster <url>", "any nodes of it: grpc://host:port,host:port, or grpc+tls://")
    .option("--table <name>", "of one table alone")
    .option("--summary", "what each node has, instead of each shard")
    .action(async (options: ShardsCommandOptions) => {
      const { runShardsCommand } = await import("./shards-command.ts");
      done(await runShardsCommand(options));
    });
};

const secondsOrNever = (text: string): number => (text === "never" ? Number.POSITIVE_INFINITY : seconds(text));

const seconds = (text: string): number => {
  const value = Number(text);
  if (!(value >= 0 && value < 1e6)) throw new InvalidArgumentError("Expected a number of seconds.");
  return value;
};
