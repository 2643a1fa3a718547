// Every kernel the host or compiled pipelines may import. One export line per file.
export * from "./memory";
export * from "./strings";
export * from "./intervals";
