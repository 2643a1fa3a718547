import { InvalidArgumentError } from "commander";
import { type EngineName, engineNames } from "../engines/engine.ts";

export const parseScaleFactor = (text: string): number => {
  const value = Number(text);
  if (text.trim() === "" || !(value > 0)) throw new InvalidArgumentError("It must be a number above 0.");
  return value;
};

export const parseCount = (text: string): number => {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError("It must be a whole number above 0.");
  return Number(text);
};

/** Reads names and ranges of numbers, such as `1,6,10-12`. */
export const parseList = (text: string): readonly string[] =>
  text.split(",").flatMap((piece) => {
    const [, first, last] = /^(\d+)-(\d+)$/.exec(piece.trim()) ?? [];
    if (first === undefined) return [piece.trim()];
    return Array.from({ length: Number(last) - Number(first) + 1 }, (_, index) => String(Number(first) + index));
  });

/** Reads the peers: `duckdb`, `duckdb-native`, both, or `none`. */
export const parsePeers = (text: string): readonly EngineName[] => {
  if (text === "none") return [];
  const peers = text.split(",").map((name) => engineNames.find((engine) => engine === name && engine !== "headcut"));
  if (peers.includes(undefined)) throw new InvalidArgumentError("It must list duckdb, duckdb-native, or be none.");
  return peers as readonly EngineName[];
};

export const parseSwitch = (text: string): boolean => {
  if (text !== "on" && text !== "off") throw new InvalidArgumentError("It must be on or off.");
  return text === "on";
};
