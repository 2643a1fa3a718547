import { connect } from "headcut";
import { expect, it } from "vitest";

// DuckDB takes the median of decimals beyond 18 digits in doubles; ours is exact, so the answers are worked out here.
it.each([
  ["DECIMAL(38,0)", ["99999999999999999999999999999999999999", "-99999999999999999999999999999999999999"], 0n],
  [
    "DECIMAL(38,2)",
    ["12345678901234567890123456.78", "12345678901234567890123456.81"],
    "12345678901234567890123456.79",
  ],
  ["DECIMAL(30,2)", ["-0.01", "-18446744073709551616.00"], "-9223372036854775808.01"],
  ["DECIMAL(18,3)", ["-0.001", "0.000"], "-0.001"],
  ["DECIMAL(20,1)", ["3.5", "1.5", "2.5"], "2.5"],
])("the median of %s values %j is %s", async (type, values, median) => {
  const db = await connect({ threads: 1 });
  const rows = values.map((value) => `('${value}'::${type})`).join(", ");
  const result = await db.query(`SELECT median(x) AS m FROM (VALUES ${rows}) v(x)`);
  await db.close();
  expect(result.toRows()).toEqual([[median]]);
});
