import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { flagsOf, manifestProblems } from "./manifest-problems.ts";

const root = join(import.meta.dirname, "../..");
const text = readFileSync(join(root, "docs/deploy/kubernetes.yaml"), "utf8");
/** The oldest that are still in use, and the newest of the schemas. */
const VERSIONS = ["1.27", "1.30", "1.33", "1.37"];

const folder = mkdtempSync(join(tmpdir(), "headcut-kubernetes-"));
const started: ChildProcess[] = [];
afterAll(async () => {
  for (const child of started) {
    const ended = new Promise((resolve) => child.once("close", resolve));
    if (child.exitCode === null && child.kill("SIGKILL")) await ended;
  }
  rmSync(folder, { recursive: true, force: true });
});

// biome-ignore lint/suspicious/noExplicitAny: objects of any kind
const python = (args: readonly string[], input: string): any => {
  const program = process.env.HEADCUT_KUBERNETES_VALIDATE;
  if (program === undefined) throw new Error("run these tests with `npm run test:interop`");
  const { status, stdout, stderr } = spawnSync(program, [join(import.meta.dirname, "manifest.py"), ...args], { input });
  if (status !== 0) throw new Error(`manifest.py ended with ${status}:\n${stderr}`);
  return JSON.parse(String(stdout));
};
const read = (yaml: string) => python(["read"], yaml);
const schemaProblems = (yaml: string): string[] => python(["validate", ...VERSIONS], JSON.stringify(read(yaml)));

/** The manifest with a mistake in it. */
const changed = (from: string, to: string): string => {
  expect(text, from).toContain(from);
  return text.replace(from, to);
};

describe("Kubernetes' schemas", () => {
  it(`of ${VERSIONS.join(", ")} find nothing wrong`, () => {
    expect(schemaProblems(text)).toEqual([]);
  });

  it.each([
    ["publishNotReadyAddresses: true", "publishNotReadyAddress: true"],
    ["failureThreshold: 60", 'failureThreshold: "sixty"'],
    ["replicas: 3", "replica: 3"],
  ])("would: %s as %s", (from, to) => {
    expect(schemaProblems(changed(from, to)).length).toBeGreaterThanOrEqual(VERSIONS.length);
  });
});

describe("what schemas do not see", () => {
  it("is as it should be", () => {
    expect(manifestProblems(read(text))).toEqual([]);
  });

  it.each([
    ["kind: StatefulSet", "kind: Deployment", "not one stateful set"],
    ["publishNotReadyAddresses: true", "publishNotReadyAddresses: false", "found before they are ready"],
    ["clusterIP: None", "type: ClusterIP", "not headless"],
    ["serviceName: headcut-nodes", "serviceName: headcut", "not headless"],
    ["--join=dns:headcut-nodes:8815", "--join=dns:headcut:8815", "--join"],
    ["--join=dns:headcut-nodes:8815", "--join=dns:headcut-nodes:8816", "--join"],
    ["--http=0.0.0.0:9815", "--http=0.0.0.0:9816", "--http"],
    ["path: /ready", "path: /readyz", "/ready"],
    ["terminationGracePeriodSeconds: 60", "terminationGracePeriodSeconds: 30", "killed before"],
    ["--grace=30", "--grace=60", "killed before"],
    ['["sleep", "5"]', '["sleep", "0"]', "before it has left the service"],
    ["podManagementPolicy: Parallel", "podManagementPolicy: OrderedReady", "wait for others"],
    ["--data=/data", "--data=/tmp", "volume"],
    ["maxUnavailable: 1", "maxUnavailable: 2", "more pods than one"],
  ])("%s as %s is noticed", (from, to, problem) => {
    expect(manifestProblems(read(changed(from, to))).join("\n")).toContain(problem);
  });
});

it("its command runs the real program: a pod is alive at once, not ready while it looks for others, and drains", async () => {
  const set = read(text).find(({ kind }: { kind: string }) => kind === "StatefulSet");
  const [container] = set.spec.template.spec.containers;
  // Where the registry would be asked there is the package that was built here; the signal must reach it through the shell.
  const npm = join(folder, "bin/npm");
  mkdirSync(join(folder, "bin"));
  const installed = join(folder, "headcut/bin");
  writeFileSync(
    npm,
    `#!/bin/sh\necho "$@" > ${folder}/npm\nmkdir -p ${installed}\nln -s ${root}/packages/headcut/bin/headcut.js ${installed}/headcut\n`,
  );
  chmodSync(npm, 0o755);
  const places: Readonly<Record<string, string>> = {
    listen: "127.0.0.1:0",
    http: "127.0.0.1:0",
    data: join(folder, "data"),
  };
  const args = (container.args as string[])
    .map((arg) => arg.replace("$(POD_NAME)", "headcut-0"))
    .map((arg) => arg.replace(/^--(listen|http|data)=.*/, (_, name: string) => `--${name}=${places[name]}`))
    // A name that no server knows: the first pod's is not known either, at first.
    .map((arg) => arg.replace("dns:headcut-nodes:", "dns:headcut-nodes.invalid:"));
  const [shell, ...command] = (container.command as string[]).map((part) =>
    part.replaceAll("/tmp/headcut", join(folder, "headcut")),
  );
  const env = { ...process.env, PATH: `${join(folder, "bin")}:${process.env.PATH}`, HEADCUT_TOKEN: "token" };
  const pod = spawn(shell!, [...command, ...args], { env, stdio: ["ignore", "ignore", "pipe"] });
  started.push(pod);
  let log = "";
  pod.stderr.setEncoding("utf8").on("data", (more: string) => {
    log += more;
  });
  const ended = new Promise((resolve) => pod.once("close", (code, signal) => resolve(code ?? signal)));
  await Promise.race([eventually(() => log.includes(" probes ")), ended.then(() => Promise.reject(new Error(log)))]);
  expect(readFileSync(join(folder, "npm"), "utf8")).toBe(
    `install --silent --global --prefix ${join(folder, "headcut")} headcut\n`,
  );

  const pages = `http://${/ probes address=(\S+)/.exec(log)![1]}`;
  const status = async (path: string) => (await fetch(pages + path)).status;
  expect(await status(container.livenessProbe.httpGet.path)).toBe(200);
  expect(await status(container.startupProbe.httpGet.path)).toBe(200);
  expect(await status(container.readinessProbe.httpGet.path)).toBe(503);
  expect(await status("/metrics")).toBe(200);
  // Who finds nobody for long is the first of its cluster.
  await eventually(async () => (await status(container.readinessProbe.httpGet.path)) === 200);

  pod.kill("SIGTERM");
  expect(await ended).toBe(0);
  expect(log).toMatch(/ draining reason=SIGTERM\n.* stopped\n$/);
  expect(flagsOf(container.args).grace).toBe(30);
});

const eventually = async (check: () => boolean | Promise<boolean>): Promise<void> => {
  for (const deadline = Date.now() + 30_000; !(await check()); ) {
    if (Date.now() > deadline) throw new Error("it never came true");
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
};
