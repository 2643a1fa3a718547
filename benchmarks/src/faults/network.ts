import { execFileSync } from "node:child_process";

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
}

/**
 * Each host a network namespace of Linux, all on one bridge; packets to each are delayed and lost as told (netem). Needs root and iproute2: throws
 * what these say when they refuse.
 */
export const openNamespaces = (hosts: number, { delayMs, lossPercent }: Impairment): Network => {
  const id = process.pid % 100_000;
  const subnet = `10.77.${process.pid % 250}`;
  const bridge = `hcb${id}`;
  const namespaceOf = (host: number): string => `headcut-${id}-${host}`;
  const outsideOf = (host: number): string => `hco${id}-${host}`;
  const insideOf = (host: number): string => `hci${id}-${host}`;
  const address = (host: number): string => `${subnet}.${host + 1}`;

  const close = (): void => {
    for (let host = 0; host < hosts; host++) ignoringErrors(() => run("ip", "netns", "del", namespaceOf(host)));
    ignoringErrors(() => run("ip", "link", "del", bridge));
  };
  try {
    run("ip", "link", "add", bridge, "type", "bridge");
    run("ip", "addr", "add", `${subnet}.254/24`, "dev", bridge);
    run("ip", "link", "set", bridge, "up");
    for (let host = 0; host < hosts; host++) {
      const [namespace, outside, inside] = [namespaceOf(host), outsideOf(host), insideOf(host)];
      run("ip", "netns", "add", namespace);
      run("ip", "link", "add", outside, "type", "veth", "peer", "name", inside, "netns", namespace);
      run("ip", "link", "set", outside, "master", bridge, "up");
      run("ip", "-n", namespace, "addr", "add", `${address(host)}/24`, "dev", inside);
      run("ip", "-n", namespace, "link", "set", inside, "up");
      run("ip", "-n", namespace, "link", "set", "lo", "up");
      if (delayMs > 0 || lossPercent > 0) {
        run(
          ...["tc", "qdisc", "add", "dev", outside, "root", "netem"],
          ...["delay", `${delayMs}ms`, "loss", `${lossPercent}%`],
        );
      }
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
