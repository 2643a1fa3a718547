// Kubernetes' own JSON schemas, of each of its versions, and a validator: https://pypi.org/project/kubernetes-validate (Apache-2.0).
import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { run } from "../run-program.mjs";

const VERSION = "1.37.0";

export default {
  name: `kubernetes-validate ${VERSION}`,
  install: async (folder) => {
    const environment = join(folder, `kubernetes-validate-${VERSION}`);
    const python = join(environment, "bin", "python");
    const ready = join(environment, "ready");
    if (!existsSync(ready)) {
      await rm(environment, { recursive: true, force: true });
      await run("python3", ["-m", "venv", environment]);
      // biome-ignore format: one option a line reads worse
      await run(python, ["-m", "pip", "install", "--disable-pip-version-check", "--only-binary=:all:", `kubernetes-validate==${VERSION}`]);
      await run(python, [
        "-c",
        "import kubernetes_validate, yaml, pathlib, sys; pathlib.Path(sys.argv[1]).touch()",
        ready,
      ]);
    }
    return { HEADCUT_KUBERNETES_VALIDATE: python };
  },
};
