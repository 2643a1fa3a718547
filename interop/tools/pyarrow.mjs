// Arrow's own client of Flight, in Python: https://pypi.org/project/pyarrow (Apache-2.0).
import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { run } from "../run-program.mjs";

const VERSION = "23.0.1";

export default {
  name: `pyarrow ${VERSION}`,
  install: async (folder) => {
    const python = join(folder, `pyarrow-${VERSION}`, "bin", "python");
    const ready = join(folder, `pyarrow-${VERSION}`, "ready");
    if (!existsSync(ready)) {
      const environment = join(folder, `pyarrow-${VERSION}`);
      await rm(environment, { recursive: true, force: true });
      await run("python3", ["-m", "venv", environment]);
      await run(python, [
        "-m",
        "pip",
        "install",
        "--disable-pip-version-check",
        "--only-binary=:all:",
        `pyarrow==${VERSION}`,
      ]);
      await run(python, ["-c", "import pyarrow.flight, pathlib, sys; pathlib.Path(sys.argv[1]).touch()", ready]);
    }
    return { HEADCUT_PYARROW: python };
  },
};
