import type { Mailbox } from "./mailbox.ts";
import type { Claim } from "./stream-plan.ts";

/** The next batch of any run, whichever there is: its slot. Threads begin at different runs. */
export const claimBatch = (mailbox: Mailbox, threadIndex: number): Claim => {
  const { runs } = mailbox;
  for (;;) {
    let [ended, busy] = [0, 0];
    for (let i = 0; i < runs; i++) {
      const run = (threadIndex + i) % runs;
      if (!mailbox.lock(run)) {
        busy++;
        continue;
      }
      const isEnded = mailbox.isEnded(run);
      const slot = mailbox.next(run);
      if (slot !== undefined) mailbox.take(run);
      mailbox.unlock(run);
      if (slot !== undefined) return slot;
      if (isEnded) ended++;
    }
    if (ended === runs) return "ended";
    if (busy > 0) continue;
    for (let run = 0; run < runs; run++) mailbox.starve(run);
    return "starved";
  }
};

/** Where compiled code says of each run whether rows of it are wanted. */
export interface RunsWanted {
  /** Whether the run's rows are used up, and it was not said that there are no more. */
  isWanted(run: number): boolean;
  /** There are no more. */
  end(run: number): void;
}

/** The next run that needs rows and has some; it is locked. A batch that was read to its end is said to be used. */
export const claimRun = (mailbox: Mailbox, wanted: RunsWanted, threadIndex: number, onUsed: () => void): Claim => {
  const { runs } = mailbox;
  let starved = false;
  for (let i = 0; i < runs; i++) {
    const run = (threadIndex + i) % runs;
    // Who has the lock fills it.
    if (!wanted.isWanted(run) || !mailbox.lock(run)) continue;
    if (wanted.isWanted(run)) {
      const used = mailbox.next(run);
      if (used !== undefined && mailbox.rowsRead(run) === mailbox.rows(used)) {
        mailbox.take(run);
        mailbox.setRowsRead(run, 0);
        mailbox.finish(used);
        onUsed();
      }
      const isEnded = mailbox.isEnded(run);
      if (mailbox.next(run) !== undefined) return run;
      if (isEnded) wanted.end(run);
      else {
        mailbox.starve(run);
        starved = true;
      }
    }
    mailbox.unlock(run);
  }
  return starved ? "starved" : "ended";
};
