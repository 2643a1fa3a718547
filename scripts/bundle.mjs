// Bundles the built packages into packages/headcut/lib: one file to load instead of a thousand, so that a fresh process
// answers its first query in a fraction of the time. Runs after the TypeScript build, whose declarations stay in dist.
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";

const out = "packages/headcut/lib";

/** What `src/assets.ts` of a package says inside the bundle, where all files lie in one folder. */
const bundledAssets = {
  "packages/executor/dist/assets.js": `
    export const kernelsFile = new URL("./kernels.wasm", import.meta.url);
    export const workerFile = new URL("./engine-worker.js", import.meta.url);
    export const arrowFile = new URL("./arrow-library.js", import.meta.url);`,
  "tpch/dist/assets.js": `
    export const answersFolder = new URL("./answers/", import.meta.url);
    export const shardWorkerFile = new URL("./shard-worker.js", import.meta.url);`,
};

const assets = {
  name: "bundled-assets",
  setup: ({ onLoad }) =>
    onLoad({ filter: /\/dist\/assets\.js$/ }, ({ path }) => {
      const known = Object.entries(bundledAssets).find(([file]) => path.endsWith(`/${file}`));
      return known === undefined ? undefined : { contents: known[1], loader: "js" };
    }),
};

rmSync(out, { recursive: true, force: true });
const { metafile } = await build({
  entryPoints: {
    index: "packages/headcut/dist/index.js",
    cli: "packages/headcut/dist/cli/main.js",
    "engine-worker": "packages/executor/dist/threads/worker.js",
    "arrow-library": "packages/executor/dist/arrow/library.js",
    // Piscina starts this file of its own, by this name, beside the code it is bundled into.
    worker: "node_modules/piscina/dist/worker.js",
    "shard-worker": "tpch/dist/output/shard-worker.js",
  },
  outdir: out,
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node20",
  // Arrow tables pass between us and our caller, who must have the same library; parquet-wasm brings files of its own. Piscina
  // tries a native add-on for thread priorities, which we neither ask for nor ship.
  external: ["apache-arrow", "parquet-wasm", "@aws-sdk/client-s3", "@duckdb/node-api", "@napi-rs/nice"],
  banner: {
    js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url); const __dirname = import.meta.dirname;',
  },
  legalComments: "none",
  metafile: true,
  logLevel: "warning",
  plugins: [assets],
});
cpSync("packages/executor/dist/kernels.wasm", join(out, "kernels.wasm"));
cpSync("tpch/answers", join(out, "answers"), { recursive: true });
writeFileSync(join(out, "THIRD-PARTY-LICENSES.txt"), licenses(Object.keys(metafile.inputs)));

/** The licence texts of the packages whose code is in the bundle. */
function licenses(inputs) {
  const folders = new Set();
  for (const input of inputs) {
    const match = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input);
    if (match !== null) folders.add(match[1]);
  }
  return [...folders]
    .sort()
    .map((folder) => {
      const { name, version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
      const file = readdirSync(folder).find((entry) => /^licen[sc]e/i.test(entry));
      const text = file === undefined ? "" : readFileSync(join(folder, file), "utf8");
      return `${name} ${version} (${license})\n\n${text}`;
    })
    .join(`\n${"-".repeat(80)}\n`);
}
