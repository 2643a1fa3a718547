// What `load-arrow.ts` loads. An ES module of ours, so that the copy it names is the one that our callers import.
export * from "apache-arrow";
