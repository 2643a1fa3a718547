import type { Timeline } from "../profile/measure-timeline.ts";
import { sum } from "../statistics.ts";

/** When each phase of a query ran, how long every thread worked in it, and what the threads lost by waiting. */
export const timelineTable = (run: Timeline): string => {
  const threads = Array.from({ length: run.threads }, (_, thread) => thread);
  const tasks = run.timeline.filter(({ pipeline }) => pipeline === undefined);
  const begun = Math.max(...tasks.map(({ startMs }) => startMs));
  const ended = Math.max(...tasks.map(({ endMs }) => endMs));
  const beforeMs = run.generateMs + run.compileMs + run.planScansMs;
  const lines = [
    `${ms(run.wallMs)} ms from text to rows; ${ms(run.wallMs - run.totalMs)} parsing and planning, ${ms(run.generateMs)} generating code, ${ms(run.compileMs)} compiling, ${ms(run.planScansMs)} planning scans,`,
    `${ms(begun - beforeMs)} until all threads have begun, ${ms(ended - begun)} running, ${ms(run.totalMs - ended)} after that`,
    `${"at ms".padStart(8)} ${"length".padStart(8)} ${threads.map((thread) => `busy ${thread}`.padStart(8)).join(" ")} ${"waiting".padStart(8)}  phase`,
  ];
  let pipeline: number | undefined;
  let waitingMs = 0;
  for (const phase of phasesOf(run)) {
    if (phase.pipeline !== pipeline) lines.push(`${" ".repeat(8)} ${run.pipelines[phase.pipeline]!.name}`);
    pipeline = phase.pipeline;
    const busy = threads.map((thread) =>
      sum(phase.spans.filter((span) => span.thread === thread).map(({ startMs, endMs }) => endMs - startMs)),
    );
    const length = phase.endMs - phase.startMs;
    const waiting = length * threads.length - sum(busy);
    waitingMs += waiting;
    lines.push(`${cell(phase.startMs)} ${cell(length)} ${busy.map(cell).join(" ")} ${cell(waiting)}  ${phase.phase}`);
  }
  lines.push(`threads waited ${ms(waitingMs)} ms within phases, of ${ms((ended - begun) * threads.length)}`);
  return lines.join("\n");
};

interface PhaseRun {
  readonly pipeline: number;
  readonly phase: string;
  readonly spans: Timeline["timeline"];
  readonly startMs: number;
  readonly endMs: number;
}

const phasesOf = ({ timeline }: Timeline): PhaseRun[] => {
  const phases = new Map<string, Timeline["timeline"][number][]>();
  for (const span of timeline) {
    if (span.pipeline === undefined) continue;
    const key = `${span.pipeline} ${span.phase}`;
    phases.set(key, [...(phases.get(key) ?? []), span]);
  }
  return [...phases.values()]
    .map((spans) => ({
      pipeline: spans[0]!.pipeline!,
      phase: spans[0]!.phase,
      spans,
      startMs: Math.min(...spans.map(({ startMs }) => startMs)),
      endMs: Math.max(...spans.map(({ endMs }) => endMs)),
    }))
    .sort((a, b) => a.startMs - b.startMs);
};

const ms = (value: number): string => value.toFixed(2);

const cell = (value: number): string => ms(value).padStart(8);
