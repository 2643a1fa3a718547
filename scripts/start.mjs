// `npm start`: generates TPC-H data (SF=0.1 unless the environment says otherwise), runs the 22 queries, checks every answer.
import { spawnSync } from "node:child_process";

const scaleFactor = process.env.SF ?? "0.1";
const { status } = spawnSync(
  process.execPath,
  ["packages/headcut/bin/headcut.js", "tpch", "--sf", scaleFactor, ...process.argv.slice(2)],
  { stdio: "inherit" },
);
process.exit(status ?? 1);
