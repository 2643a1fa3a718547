// Packs the published `headcut`: one tarball with the workspace's packages bundled, everything else a dependency.
// usage: node scripts/pack.mjs [destination]      prints the tarball's path
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
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
const published = (path) => !/\.test\.|\.tsbuildinfo$|\.map$|\/dist\/test(\/|$)/.test(path);

const stage = mkdtempSync(join(tmpdir(), "headcut-pack-"));
try {
  const manifest = manifestOf("packages/headcut");
  const dependencies = {};
  for (const folder of ["packages/headcut", ...Object.values(bundled)]) {
    for (const [name, range] of Object.entries(manifestOf(folder).dependencies)) {
      if (!name.startsWith("@headcut/")) dependencies[name] = range;
    }
  }
  for (const [name, folder] of Object.entries(bundled)) {
    const target = join(stage, "node_modules/@headcut", name);
    cpSync(join(folder, "dist"), join(target, "dist"), { recursive: true, filter: published });
    const { dependencies: _, ...rest } = manifestOf(folder);
    writeFileSync(join(target, "package.json"), JSON.stringify({ ...rest, private: undefined }, null, 2));
    dependencies[`@headcut/${name}`] = rest.version;
  }
  for (const part of ["bin", "dist"]) {
    cpSync(join("packages/headcut", part), join(stage, part), { recursive: true, filter: published });
  }
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
