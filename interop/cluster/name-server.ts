import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export const ZONE = "cluster.test";

/** A real CoreDNS, whose only zone is rewritten while it runs. */
export interface NameServer {
  /** ip:port */
  readonly address: string;
  /** Lines of the zone's file, such as `nodes 1 IN A 127.0.0.1`; served within a second or two. */
  write(records: readonly string[]): void;
  start(): void;
  /** As if the machine had gone. */
  kill(): Promise<void>;
}

export const nameServer = (folder: string, host: string, port: number): NameServer => {
  const program = process.env.HEADCUT_COREDNS;
  if (program === undefined) throw new Error("run these tests with `npm run test:interop`");
  mkdirSync(folder, { recursive: true });
  const zone = join(folder, "zone");
  const configuration = join(folder, "Corefile");
  writeFileSync(configuration, `${ZONE}:${port} {\n  bind ${host}\n  file ${zone} {\n    reload 500ms\n  }\n}\n`);
  let serial = 1;
  let child: ChildProcess | undefined;
  return {
    address: `${host}:${port}`,
    write: (records) => {
      const soa = `@ 1 IN SOA ns.${ZONE}. admin.${ZONE}. ${serial++} 3600 600 86400 1`;
      writeFileSync(
        zone,
        [`$ORIGIN ${ZONE}.`, soa, `@ 1 IN NS ns.${ZONE}.`, "ns 1 IN A 127.0.0.1", ...records, ""].join("\n"),
      );
    },
    start: () => {
      child = spawn(program, ["-conf", configuration], { stdio: ["ignore", "ignore", "inherit"] });
    },
    kill: async () => {
      const ended = new Promise((resolve) => child?.once("exit", resolve));
      if (child?.exitCode === null && child.kill("SIGKILL")) await ended;
    },
  };
};
