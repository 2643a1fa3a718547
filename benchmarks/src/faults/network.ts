import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

/** Hosts 0 … n-1 of a network whose cables can be pulled, and which the calling process is a host of as well. */
export interface Network {
  readonly name: string;
  /** The IP address of a host. */
  address(host: number): string;
  /** The command that runs another one on a host: to be put before it. */
  commandOn(host: number): readonly string[];
  /** Undefined where hosts cannot be cut off. */
  readonly cable: { pull(host: number): void; plug(host: number): void } | undefined;
  close(): void;
}

/** All on this machine's own loopback. */
export const loopback: Network = {
  name: "loopback",
  address: () => "127.0.0.1",
  commandOn: () => [],
  cable: undefined,
  close: () => undefined,
};

export interface Impairment {
  readonly delayMs: number;
  readonly lossPercent: number;
  /** Of the packets that are lost. */
  readonly seed: number;
}

/**
 * Each host a network namespace of Linux, all on one bridge. Packets to each are delayed and lost as told, by wires of our own (`lossy_wires.py`): few
 * kernels have netem. Needs root and iproute2, and Python 3 for bad wires: rejects with what these say when they refuse.
 */
export const openNamespaces = async (hosts: number, impairment: Impairment): Promise<Network> => {
  const { delayMs, lossPercent } = impairment;
  const id = process.pid % 100_000;
  const subnet = `10.77.${process.pid % 250}`;
  const bridge = `hcb${id}`;
  const namespaceOf = (host: number): string => `headcut-${id}-${host}`;
  const outsideOf = (host: number): string => `hco${id}-${host}`;
  const insideOf = (host: number): string => `hci${id}-${host}`;
  const address = (host: number): string => `${subnet}.${host + 1}`;
  const all = Array.from({ length: hosts }, (_, host) => host);
  let wires: ChildProcess | undefined;

  const close = (): void => {
    for (const host of all) ignoringErrors(() => run("ip", "netns", "del", namespaceOf(host)));
    ignoringErrors(() => run("ip", "link", "del", bridge));
    wires?.kill();
  };
  try {
    run("ip", "link", "add", bridge, "type", "bridge");
    run("ip", "addr", "add", `${subnet}.254/24`, "dev", bridge);
    run("ip", "link", "set", bridge, "up");
    const bad = delayMs > 0 || lossPercent > 0;
    if (bad) {
      wires = await layWires(
        impairment,
        all.map((host) => `${outsideOf(host)}:${insideOf(host)}`),
      );
    }
    for (const host of all) {
      const [namespace, outside, inside] = [namespaceOf(host), outsideOf(host), insideOf(host)];
      run("ip", "netns", "add", namespace);
      if (bad) run("ip", "link", "set", inside, "netns", namespace);
      else run("ip", "link", "add", outside, "type", "veth", "peer", "name", inside, "netns", namespace);
      run("ip", "link", "set", outside, "master", bridge, "up");
      run("ip", "-n", namespace, "addr", "add", `${address(host)}/24`, "dev", inside);
      run("ip", "-n", namespace, "link", "set", inside, "up");
      run("ip", "-n", namespace, "link", "set", "lo", "up");
    }
  } catch (cause) {
    close();
    throw cause;
  }
  return {
    name: `network namespaces, ${delayMs} ms delay, ${lossPercent} % loss`,
    address,
    commandOn: (host) => ["ip", "netns", "exec", namespaceOf(host)],
    cable: {
      pull: (host) => run("ip", "link", "set", outsideOf(host), "down"),
      plug: (host) => run("ip", "link", "set", outsideOf(host), "up"),
    },
    close,
  };
};

const program = fileURLToPath(new URL("../../src/faults/lossy_wires.py", import.meta.url));

/** A process that carries frames between the two ends of each pair `outside:inside`, which are there when this resolves. */
const layWires = async (
  { delayMs, lossPercent, seed }: Impairment,
  pairs: readonly string[],
): Promise<ChildProcess> => {
  const wires = spawn("python3", [program, `${delayMs}`, `${lossPercent}`, `${seed}`, ...pairs], {
    stdio: ["pipe", "pipe", "pipe"],
  });
  const said = text(wires.stderr);
  await new Promise<void>((resolve, reject) => {
    wires.once("error", reject);
    wires.stdout.once("data", () => resolve());
    wires.once("exit", async () => reject(new Error(`no wires that lose packets: ${(await said).trim()}`)));
  });
  return wires;
};

const run = (...[command, ...args]: readonly string[]): void => {
  execFileSync(command!, args, { stdio: ["ignore", "ignore", "pipe"] });
};

const ignoringErrors = (work: () => void): void => {
  try {
    work();
  } catch {
    // It was never there, or is gone already.
  }
};
