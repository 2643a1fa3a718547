import { threadContext } from "../layout/context.ts";
import type { Code } from "../pipelines/code.ts";
import { countedLoop, endlessLoop, pushElement } from "../pipelines/loops.ts";
import { sortEntry } from "../pipelines/sorting/sort-entry.ts";
import { mergeTurn, pushState } from "./merge-blocks.ts";
import type { SpilledSort } from "./spilled-sort.ts";
import { emitFlush, emitSpool, emitWriteAll, freeArena, openWriter, spooledRow } from "./spool.ts";

/**
 * Where memory has no room for a block of every run: some of them are merged to one, which is written to the same file, and again, until there are few
 * enough. In a once phase, on one thread.
 */
export const joinRuns = (code: Code, sort: SpilledSort): void => {
  const { fn } = code;
  const { spool } = sort;
  const own = spool.threads.own(code);
  const { keep } = code;
  code.field(threadContext.threadCount);
  // Loaded here, not first inside a loop.
  spooledRow(code, spool);
  const [some, partition, row] = [fn.local("i32"), fn.local("i32"), fn.local("i32")];
  endlessLoop(fn, (enough) => {
    pushState(code, sort);
    fn.get(code.arena);
    code.kernel("spillMergeSome");
    fn.tee(some);
    fn.op("i32.eqz");
    fn.brIf(enough);
    openWriter(code, spool, own, keep);
    endlessLoop(fn, (joined) => {
      pushState(code, sort);
      code.kernel("spillMergeMore");
      fn.op("i32.eqz");
      fn.brIf(joined);
      const { entries, count } = mergeTurn(code, sort);
      countedLoop(fn, count, (index) => {
        pushElement(fn, entries, index, sortEntry.bytes);
        fn.mem("i32.load", sortEntry.row);
        fn.set(row);
        emitSpool(code, spool, partition, row);
      });
    });
    emitWriteAll(code, spool);
    pushState(code, sort);
    fn.get(own);
    code.kernel("spillMergeJoined");
    freeArena(code);
  });
  emitFlush(code, spool);
};
