// Fails on an import that crosses packages where no edge is allowed, on any cycle between files, and on one that would make every
// process load apache-arrow.
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";

/** Package name → its sources, and the packages it may import. */
const packages = {
  "@headcut/plan": { folder: "packages/plan", may: [] },
  "@headcut/planner": { folder: "packages/planner", may: ["@headcut/plan"] },
  "@headcut/executor": { folder: "packages/executor", may: ["@headcut/plan"] },
  "@headcut/coordinator": {
    folder: "packages/coordinator",
    may: ["@headcut/plan", "@headcut/planner", "@headcut/executor"],
  },
  "@headcut/tpch": { folder: "tpch", may: [] },
  headcut: {
    folder: "packages/headcut",
    may: ["@headcut/plan", "@headcut/planner", "@headcut/executor", "@headcut/coordinator", "@headcut/tpch"],
  },
  "@headcut/benchmarks": {
    folder: "benchmarks",
    may: ["headcut", "@headcut/tpch", "@headcut/plan", "@headcut/executor", "@headcut/coordinator"],
  },
};

const importPattern = /(?:^|\n)\s*(?:import|export)\s[^;]*?from\s+"([^"]+)"|import\("([^"]+)"\)/g;
/** Loads the library when it is first needed; all others import its types alone. */
const arrowFolder = "packages/executor/src/arrow/";
const errors = [];
const graph = new Map();

for (const [name, { folder, may }] of Object.entries(packages)) {
  const root = join(folder, "src");
  for (const entry of readdirSync(root, { recursive: true })) {
    const file = join(root, entry);
    if (!file.endsWith(".ts") || file.endsWith(".test.ts") || file.endsWith(".d.ts")) continue;
    const targets = [];
    for (const match of readFileSync(file, "utf8").matchAll(importPattern)) {
      const specifier = match[1] ?? match[2];
      const isType = /^\s*(?:import|export) type\s/.test(match[0]);
      if (specifier === "apache-arrow" && folder.startsWith("packages/") && !isType && !file.startsWith(arrowFolder)) {
        errors.push(`${file}: apache-arrow is loaded when it is needed (${arrowFolder}load-arrow.ts)`);
      }
      if (specifier.startsWith(".")) {
        const target = normalize(join(dirname(file), specifier));
        if (!target.startsWith(`${root}/`)) errors.push(`${file}: relative import leaves the package: ${specifier}`);
        // Types vanish at build; a cycle of types alone is still a cycle for a reader.
        targets.push(target);
      } else if (specifier in packages && !may.includes(specifier)) {
        errors.push(`${file}: ${name} must not import ${specifier}`);
      }
    }
    graph.set(file, targets);
  }
}

const state = new Map();
const visit = (file, path) => {
  if (state.get(file) === "done" || !graph.has(file)) return;
  if (state.get(file) === "open") {
    errors.push(`import cycle: ${[...path.slice(path.indexOf(file)), file].join(" → ")}`);
    return;
  }
  state.set(file, "open");
  for (const target of graph.get(file)) visit(target, [...path, file]);
  state.set(file, "done");
};
for (const file of graph.keys()) visit(file, []);

for (const error of errors) console.error(error);
console.log(`imports: ${graph.size} files, ${errors.length} errors`);
process.exit(errors.length === 0 ? 0 : 1);
