/** Milliseconds on a clock that all threads of the process share. */
export const sharedNow = (): number => Number(process.hrtime.bigint()) / 1e6;
