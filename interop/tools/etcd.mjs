// A store of keys with leases, by which nodes find each other: https://github.com/etcd-io/etcd (Apache-2.0).
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "../run-program.mjs";

const VERSION = "v3.5.21";

export default {
  name: `etcd ${VERSION}`,
  install: async (folder) => {
    const bin = join(folder, `etcd-${VERSION}`);
    const program = join(bin, "etcd");
    if (!existsSync(program)) {
      // Its module replaces others, so that `go install` refuses it: it is built as what another module needs.
      mkdirSync(bin, { recursive: true });
      writeFileSync(join(bin, "go.mod"), "module headcut-interop-etcd\n");
      await run("go", ["get", `go.etcd.io/etcd/server/v3@${VERSION}`], { cwd: bin });
      const env = { ...process.env, GOFLAGS: "-buildvcs=false", CGO_ENABLED: "0" };
      await run("go", ["build", "-o", program, "go.etcd.io/etcd/server/v3"], { cwd: bin, env });
    }
    return { HEADCUT_ETCD: program };
  },
};
