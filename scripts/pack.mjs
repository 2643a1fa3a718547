// Packs the published `headcut`: the bundle of all our code, and for its types the declarations of the packages in it.
// usage: node scripts/pack.mjs [destination]      prints the tarball's path
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const destination = resolve(process.argv[2] ?? "build");
const bundled = {
  plan: "packages/plan",
  planner: "packages/planner",
  executor: "packages/executor",
  coordinator: "packages/coordinator",
  tpch: "tpch",
};
const manifestOf = (folder) => JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
/** What the bundle imports as it is (scripts/bundle.mjs); Arrow is in our declarations too. */
const external = ["apache-arrow", "parquet-wasm", "@aws-sdk/client-s3"];
const declaration = (path) =>
  statSync(path).isDirectory() ? !/\/dist\/test$/.test(path) : /(?<!\.test)\.d\.ts$/.test(path);

const stage = mkdtempSync(join(tmpdir(), "headcut-pack-"));
try {
  const manifest = manifestOf("packages/headcut");
  const dependencies = {};
  for (const folder of ["packages/headcut", ...Object.values(bundled)]) {
    for (const [name, range] of Object.entries(manifestOf(folder).dependencies)) {
      if (external.includes(name)) dependencies[name] = range;
    }
  }
  for (const [name, folder] of Object.entries(bundled)) {
    const target = join(stage, "node_modules/@headcut", name);
    cpSync(join(folder, "dist"), join(target, "dist"), { recursive: true, filter: declaration });
    const { dependencies: _, ...rest } = manifestOf(folder);
    writeFileSync(join(target, "package.json"), JSON.stringify({ ...rest, private: undefined }, null, 2));
    dependencies[`@headcut/${name}`] = rest.version;
  }
  cpSync("packages/headcut/dist", join(stage, "dist"), { recursive: true, filter: declaration });
  for (const part of ["bin", "lib"]) cpSync(join("packages/headcut", part), join(stage, part), { recursive: true });
  for (const file of ["README.md", "LICENSE", "CHANGELOG.md"]) cpSync(file, join(stage, file));
  const bundleDependencies = Object.keys(bundled).map((name) => `@headcut/${name}`);
  writeFileSync(
    join(stage, "package.json"),
    JSON.stringify({ ...manifest, dependencies, bundleDependencies }, null, 2),
  );
  mkdirSync(destination, { recursive: true });
  const listing = execFileSync("npm", ["pack", "--json", "--pack-destination", destination], {
    cwd: stage,
    encoding: "utf8",
  });
  console.log(join(destination, JSON.parse(listing)[0].filename));
} finally {
  rmSync(stage, { recursive: true, force: true });
}
