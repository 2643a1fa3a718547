// An S3-compatible server over a local folder: https://github.com/versity/versitygw (Apache-2.0).
import { existsSync } from "node:fs";
import { join } from "node:path";
import { run } from "../run-program.mjs";

const VERSION = "v1.8.0";

export default {
  name: `versitygw ${VERSION}`,
  install: async (folder) => {
    const bin = join(folder, `versitygw-${VERSION}`);
    const program = join(bin, "versitygw");
    if (!existsSync(program)) {
      await run("go", ["install", `github.com/versity/versitygw/cmd/versitygw@${VERSION}`], {
        env: { ...process.env, GOBIN: bin, GOFLAGS: "-buildvcs=false", CGO_ENABLED: "0" },
      });
    }
    return { HEADCUT_VERSITYGW: program };
  },
};
