import { type ProbeTurns, pushRemembered, remember } from "../../../spill/probe-turns.ts";
import { endlessLoop } from "../../loops.ts";
import type { PipelineBuilder } from "../../pipeline-builder.ts";
import type { Consumer } from "../../query-builder.ts";
import type { Row } from "../../row.ts";
import { type JoinTable, joinRow } from "./join-table.ts";
import { absentRowAddress, buildRow, joinedRow, paddedRow, unlessMatch } from "./joined-row.ts";
import { eachCandidate, lookUp, markMatched, nextCandidate } from "./probe.ts";

/** inner, buildOuter: one output row for each match. */
export const consumeMatches = (pipeline: PipelineBuilder, table: JoinTable, row: Row, consumer: Consumer): void => {
  const { code } = pipeline;
  const probe = lookUp(pipeline, table, row);
  eachCandidate(code, probe, () => {
    code.fn.block((skip) => {
      const candidate = buildRow(code, table, probe.entry);
      unlessMatch(code, table, probe, row, candidate, skip);
      if (table.marksMatches) markMatched(code, probe);
      pipeline.countRow(table.plan.operatorId);
      consumer.consume(pipeline, joinedRow(table, row, candidate));
    });
  });
};

/**
 * probeOuter, full: one output row for each match, or one with NULLs. Past the chain's end the loop turns once more for the absent
 * row, so that the code above stands here only once.
 */
export const consumeMatchesOrAbsent = (
  pipeline: PipelineBuilder,
  table: JoinTable,
  row: Row,
  consumer: Consumer,
  turns?: ProbeTurns,
): void => {
  const { code } = pipeline;
  const { fn } = code;
  const probe = lookUp(pipeline, table, row);
  const [found, absent, address] = [fn.local("i32"), fn.local("i32"), fn.local("i32")];
  pushRemembered(code, turns);
  fn.set(found);
  endlessLoop(fn, (done) => {
    fn.block((skip) => {
      fn.get(probe.entry);
      fn.if(
        () => {
          unlessMatch(code, table, probe, row, buildRow(code, table, probe.entry), skip);
          if (table.marksMatches) markMatched(code, probe);
          fn.i32(1);
          fn.set(found);
          remember(code, turns, found);
          fn.get(probe.entry);
          fn.set(address);
        },
        () => {
          fn.get(found);
          if (turns !== undefined) {
            fn.get(turns.isLast);
            fn.op("i32.eqz");
            fn.op("i32.or");
          }
          fn.brIf(done);
          fn.get(absentRowAddress(code, table));
          fn.set(address);
        },
      );
      fn.get(probe.entry);
      fn.op("i32.eqz");
      fn.set(absent);
      pipeline.countRow(table.plan.operatorId);
      consumer.consume(pipeline, paddedRow(code, table, row, address, absent));
    });
    fn.get(probe.entry);
    fn.op("i32.eqz");
    fn.brIf(done);
    nextCandidate(code, probe.entry);
    code.checkCancelled();
  });
};

/** buildSemi, buildAnti: notes the matches; nothing goes on from here. */
export const markMatches = (pipeline: PipelineBuilder, table: JoinTable, row: Row): void => {
  const { code } = pipeline;
  const { fn } = code;
  const probe = lookUp(pipeline, table, row);
  eachCandidate(code, probe, () => {
    fn.block((skip) => {
      fn.get(probe.entry);
      fn.mem("i32.load8_u", joinRow.matched);
      fn.brIf(skip);
      unlessMatch(code, table, probe, row, buildRow(code, table, probe.entry), skip);
      markMatched(code, probe);
    });
  });
};
