import type { PhysicalHashJoin } from "@headcut/plan";
import { produceSpilledJoin } from "../../../spill/spill-join.ts";
import type { Produce } from "../../query-builder.ts";
import { buildSink } from "./build.ts";
import { produceBuildRows } from "./build-rows.ts";
import { finishBuild } from "./finish-build.ts";
import { planJoinTable } from "./join-table.ts";
import { consumeProbe, probeNeeds } from "./probe-side.ts";

/** Builds the table, then probes it in the pipeline of the other side; kinds that ask which build rows matched read those at last. */
export const produceHashJoin: Produce<PhysicalHashJoin> = (query, plan, consumer) => {
  if (query.spilling.has(plan.operatorId)) return produceSpilledJoin(query, plan, consumer);
  const table = planJoinTable(query, plan, consumer.needs);
  query.produce(query, plan.build, buildSink(query, table));
  finishBuild(query, table);
  query.produce(query, plan.probe, {
    needs: probeNeeds(table, consumer),
    consume(pipeline, row) {
      pipeline.enter(plan.operatorId, "join");
      consumeProbe(pipeline, table, row, consumer);
    },
  });
  if (table.marksMatches) produceBuildRows(query, table, consumer);
};
