#!/usr/bin/env node
import module from "node:module";

// Node 22.1 and later keep the code that they compiled for the next run.
module.enableCompileCache?.();
await import("../lib/cli.js");
