/** An object of Kubernetes, or a part of one, as it is in a manifest. */
// biome-ignore lint/suspicious/noExplicitAny: schemas say what is where, and are checked before
type Manifest = any;

export interface ServeFlags {
  readonly listen: string;
  readonly join: string;
  readonly advertise: string;
  readonly data: string;
  readonly http: string;
  /** Seconds. */
  readonly grace: number;
}

/** `--name=value` of the container's arguments. */
export const flagsOf = (args: readonly string[]): ServeFlags => {
  const values = Object.fromEntries(args.map((arg) => /^--([a-z-]+)=(.*)$/.exec(arg)?.slice(1) ?? [arg, ""]));
  return { ...values, grace: Number(values.grace) } as unknown as ServeFlags;
};

/** What a schema does not see: names, ports and times that must agree. One sentence each. */
export const manifestProblems = (objects: readonly Manifest[]): readonly string[] => {
  const problems: string[] = [];
  const want = (holds: boolean, otherwise: string): void => {
    if (!holds) problems.push(otherwise);
  };
  const of = (kind: string): readonly Manifest[] => objects.filter((each) => each.kind === kind);
  const [set] = of("StatefulSet");
  if (set === undefined || of("StatefulSet").length > 1) return ["there is not one stateful set"];
  want(!objects.some(({ kind }) => ["Deployment", "Pod", "ReplicaSet", "Job"].includes(kind)), "a pod is special");
  const { template } = set.spec;
  const pod = template.spec;
  const [container] = pod.containers;
  const flags = flagsOf(container.args);
  const labels: Readonly<Record<string, string>> = template.metadata.labels;
  const selects = (selector: Readonly<Record<string, string>>): boolean =>
    Object.entries(selector).every(([key, value]) => labels[key] === value);
  const portOf = (address: string): number => Number(address.slice(address.lastIndexOf(":") + 1));
  const containerPort = (name: string): number | undefined =>
    container.ports.find((port: Manifest) => port.name === name)?.containerPort;

  want(selects(set.spec.selector.matchLabels), "the stateful set does not select its pods");
  want(pod.containers.length === 1 && pod.initContainers === undefined, "there is not one container");
  want(set.spec.podManagementPolicy === "Parallel", "pods wait for others, which they need to become ready");

  const headless = of("Service").find(({ metadata }) => metadata.name === set.spec.serviceName);
  want(headless?.spec.clusterIP === "None", "the stateful set's service is not headless");
  want(
    headless?.spec.publishNotReadyAddresses === true,
    "pods cannot be found before they are ready, nor become ready",
  );
  const seeds = `dns:${headless?.metadata.name}:${portOf(flags.listen)}`;
  want(flags.join === seeds, `--join=${flags.join} is not ${seeds}`);
  const advertised = `$(POD_NAME).${headless?.metadata.name}:${portOf(flags.listen)}`;
  want(flags.advertise === advertised, `--advertise=${flags.advertise} is not ${advertised}`);
  const podName = container.env.find(({ name }: Manifest) => name === "POD_NAME");
  want(podName?.valueFrom.fieldRef.fieldPath === "metadata.name", "POD_NAME is not the pod's name");
  for (const service of of("Service")) {
    const { name } = service.metadata;
    want(selects(service.spec.selector), `the service ${name} does not select the pods`);
    for (const { targetPort } of service.spec.ports) {
      want(
        containerPort(targetPort) === portOf(flags.listen),
        `the service ${name} leads to another port than --listen`,
      );
    }
  }
  want(
    of("Service").some(({ spec }) => spec.clusterIP !== "None" && spec.publishNotReadyAddresses !== true),
    "no service has the ready pods alone",
  );
  for (const { spec } of of("PodDisruptionBudget")) {
    want(selects(spec.selector.matchLabels), "the disruption budget is not about the pods");
    want(spec.maxUnavailable === 1, "more pods than one may be away at a time");
  }

  want(containerPort("grpc") === portOf(flags.listen), "the port grpc is not that of --listen");
  want(containerPort("http") === portOf(flags.http), "the port http is not that of --http");
  for (const [name, path] of [
    ["startupProbe", "/health"],
    ["livenessProbe", "/health"],
    ["readinessProbe", "/ready"],
  ] as const) {
    const probe = container[name]?.httpGet;
    want(probe?.path === path && probe.port === "http", `the ${name} does not ask for ${path}`);
  }
  const scrape = template.metadata.annotations;
  want(scrape["prometheus.io/port"] === String(portOf(flags.http)), "metrics are asked for at another port");

  const pause = Number(container.lifecycle?.preStop?.exec.command[1] ?? 0);
  // A pod that is no longer ready, and is told to go, is out of the service when it has failed its probe and all have heard.
  want(pause >= container.readinessProbe.periodSeconds, "the pod is told to drain before it has left the service");
  // What is left is for the goodbye.
  const needed = pause + flags.grace + 5;
  want(
    pod.terminationGracePeriodSeconds >= needed,
    `the pod is killed before the ${needed} s have passed that it may take`,
  );

  const mount = container.volumeMounts.find(({ mountPath }: Manifest) => mountPath === flags.data);
  const claim = set.spec.volumeClaimTemplates.find(({ metadata }: Manifest) => metadata.name === mount?.name);
  want(
    claim?.spec.accessModes.includes("ReadWriteOnce") === true,
    "--data is not on a claimed volume of the pod's own",
  );
  const secret = container.env.find(({ name }: Manifest) => name === "HEADCUT_TOKEN")?.valueFrom.secretKeyRef;
  const token = of("Secret").find(({ metadata }) => metadata.name === secret?.name)?.stringData[secret?.key];
  want(token !== undefined, "there is no token");
  return problems;
};
