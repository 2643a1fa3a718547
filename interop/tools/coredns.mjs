// The name server of Kubernetes clusters, here with zones from files: https://github.com/coredns/coredns (Apache-2.0).
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "../run-program.mjs";

const VERSION = "v1.12.4";

/** As its documentation has it: a program with the plugins that are wanted. */
const MAIN = `package main

import (
	"github.com/coredns/coredns/coremain"
	_ "github.com/coredns/coredns/plugin/bind"
	_ "github.com/coredns/coredns/plugin/file"
)

func main() { coremain.Run() }
`;

export default {
  name: `CoreDNS ${VERSION}`,
  install: async (folder) => {
    const bin = join(folder, `coredns-${VERSION}`);
    const program = join(bin, "coredns");
    if (!existsSync(program)) {
      mkdirSync(bin, { recursive: true });
      writeFileSync(join(bin, "go.mod"), "module headcut-interop-coredns\n");
      writeFileSync(join(bin, "main.go"), MAIN);
      await run("go", ["get", `github.com/coredns/coredns@${VERSION}`], { cwd: bin });
      const env = { ...process.env, GOFLAGS: "-buildvcs=false", CGO_ENABLED: "0" };
      await run("go", ["build", "-o", program, "."], { cwd: bin, env });
    }
    return { HEADCUT_COREDNS: program };
  },
};
