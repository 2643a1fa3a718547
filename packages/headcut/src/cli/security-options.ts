import type { Command } from "commander";

/** Options of every command that speaks to nodes, or is one. */
export const securityOptions = (command: Command): Command =>
  command
    .option("--token <text>", "what nodes and clients trust each other by; better in HEADCUT_TOKEN")
    .option("--tls-cert <file>", "certificate to show, PEM")
    .option("--tls-key <file>", "its key, PEM")
    .option("--tls-ca <file>", "who signs the certificates of the others, PEM");
