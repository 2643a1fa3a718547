// How fast each column of Parquet files is decoded, on one thread, in nanoseconds per value. Usage:
//   node packages/executor/scripts/measure-parquet.mjs [--columns a,b] DIR/lineitem/*.parquet
import { parseArgs } from "node:util";
import { createHeap } from "../dist/memory/heap.js";
import { openParquetTable } from "../dist/parquet/open-table.js";
import { planParquetScan } from "../dist/parquet/plan-scan.js";
import { openRowGroupScan } from "../dist/parquet/row-group-scan.js";

const RUNS = 7;
const { values: args, positionals } = parseArgs({ options: { columns: { type: "string" } }, allowPositionals: true });
const { memory, kernels } = createHeap();
const table = await openParquetTable("t", positionals);
console.log(`${table.rowCount} rows`);

const measure = async (names) => {
  const columns = names.map((name, id) => {
    const index = table.columns.findIndex((column) => column.name === name);
    return { ...table.columns[index], id, index };
  });
  const outputColumns = columns.map((_, index) => index);
  const plan = await planParquetScan(table, columns, []);
  let best = Number.POSITIVE_INFINITY;
  let counters;
  for (let run = 0; run < RUNS; run++) {
    const start = performance.now();
    const scan = openRowGroupScan({
      memory,
      kernels,
      query: 0,
      columns,
      outputColumns,
      files: plan.files,
      filters: [],
    });
    let rows = 0;
    for (const morsel of plan.morsels) {
      await scan.start(morsel);
      for (let batch = scan.next(); batch !== undefined; batch = scan.next()) rows += batch.count;
    }
    scan.close();
    if (rows !== table.rowCount) throw new Error(`${rows} rows instead of ${table.rowCount}`);
    best = Math.min(best, performance.now() - start);
    counters = scan.counters;
  }
  const perValue = (best * 1e6) / (table.rowCount * Math.max(1, names.length));
  const bytes = (counters.bytesRead / 1e6).toFixed(1).padStart(7);
  console.log(
    `${names.join(",").padEnd(20)} ${best.toFixed(1).padStart(8)} ms ${perValue.toFixed(2).padStart(7)} ns/value ${bytes} MB ${counters.pagesRead} pages`,
  );
};

const names = args.columns?.split(",") ?? table.columns.map((column) => column.name);
for (const name of names) await measure([name]);
if (names.length > 1) await measure(names);
