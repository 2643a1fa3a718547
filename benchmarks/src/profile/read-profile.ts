/** A `.cpuprofile` as V8 writes it, as far as it is used. Times are microseconds. */
export interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  }[];
  /** The innermost node of each sample. */
  readonly samples: readonly number[];
  /** The time before each sample; the first is after `startTime`. */
  readonly timeDeltas: readonly number[];
  /** On the clock of `process.hrtime`. */
  readonly startTime: number;
}

/** A span of the same clock, in microseconds. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

export interface FunctionTime {
  readonly name: string;
  /** Module, file and line, or empty for what belongs to the runtime. */
  readonly place: string;
  readonly selfMs: number;
}

/** Where a thread waits or was not sampled; the rest is work. */
const WAITING: ReadonlySet<string> = new Set(["(idle)", "(root)", "(program)", "atomicsWaitLoop", "wait"]);

export const isWork = ({ name }: FunctionTime): boolean => !WAITING.has(name);

/** Self time of every function in the span, over all profiles (one per thread), the hottest first. */
export const selfTimes = (profiles: readonly CpuProfile[], span: Span): FunctionTime[] => {
  const byFunction = new Map<string, { name: string; place: string; selfMs: number }>();
  for (const { nodes, samples, timeDeltas, startTime } of profiles) {
    const entries = new Map(
      nodes.map(({ id, callFrame }) => {
        const [name, place] = [nameOf(callFrame), placeOf(callFrame)];
        const key = `${name} ${place}`;
        const entry = byFunction.get(key) ?? { name, place, selfMs: 0 };
        byFunction.set(key, entry);
        return [id, entry];
      }),
    );
    let time = startTime;
    samples.forEach((id, index) => {
      time += timeDeltas[index]!;
      // A sample stands for the time until the next one.
      const delta = timeDeltas[index + 1] ?? 0;
      if (time >= span.from && time < span.to) entries.get(id)!.selfMs += Math.max(0, delta) / 1000;
    });
  }
  return [...byFunction.values()].filter(({ selfMs }) => selfMs > 0).sort((a, b) => b.selfMs - a.selfMs);
};

/** AssemblyScript names a function by its source file's path. */
const nameOf = ({ functionName }: CpuProfile["nodes"][number]["callFrame"]): string =>
  functionName.replace(/^.*packages\/executor\/kernels\//, "kernel ") || "(anonymous)";

/** `executor/dist/run/control-block.js:22`, `wasm` for WebAssembly, whose functions carry their module's name. */
const placeOf = ({ url, lineNumber }: CpuProfile["nodes"][number]["callFrame"]): string => {
  if (url === "") return "";
  if (url.startsWith("wasm://")) return "wasm";
  const path = url.replace(/^file:\/\//, "").replace(/^.*\/(?:node_modules|packages)\//, "");
  return `${path}:${lineNumber + 1}`;
};
