import { QueryError } from "@headcut/plan";

/** Whoever read our standard output has stopped (`| head`): nothing is left to do, and nothing is wrong. */
export class OutputClosed extends Error {}

/** Writes to standard output and waits until the chunk is taken. Throws OutputClosed, QueryError "io". */
export const writeStandardOutput = async (chunk: Uint8Array | string): Promise<void> => {
  // The write's callback gets its error; without a listener the same error would end the process.
  if (!process.stdout.listeners("error").includes(ignore)) process.stdout.on("error", ignore);
  const error = await new Promise<Error | null | undefined>((resolve) => {
    process.stdout.write(chunk, resolve);
  });
  if (error === null || error === undefined) return;
  const { code } = error as NodeJS.ErrnoException;
  if (code === "EPIPE" || code === "ERR_STREAM_DESTROYED") throw new OutputClosed();
  throw new QueryError("io", `cannot write to standard output: ${error.message}`, { cause: error });
};

const ignore = (): void => undefined;
