import { QueryError } from "@headcut/plan";
import { raiseCode } from "./raise-code.ts";

/** Longest piece of an offending text that a message shows, in bytes. */
const SHOWN_BYTES = 100;

/**
 * The error of `host.raise(code, detail)`; undefined for codes of operators. `messages` are the raising module's
 * (`CodeModule.messages`), `memory` a view of the whole shared memory.
 */
export const expressionError = (
  code: number,
  detail: number,
  messages: readonly string[],
  memory: Uint8Array,
): QueryError | undefined => {
  switch (code) {
    case raiseCode.outOfMemory:
      return new QueryError("out-of-memory", `the query's memory limit was reached in operator ${detail >>> 0}`);
    case raiseCode.overflow:
      return new QueryError("overflow", messages[detail] ?? "a value is out of range");
    case raiseCode.conversion:
      return new QueryError("conversion", messages[detail] ?? "a value cannot be converted");
    case raiseCode.invalidArgument:
      return new QueryError("invalid-argument", messages[detail] ?? "an argument is out of range");
    case raiseCode.conversionOfText: {
      const fields = new DataView(memory.buffer, memory.byteOffset + (detail >>> 0), 12);
      const [message, address, bytes] = [0, 4, 8].map((offset) => fields.getUint32(offset, true));
      const end = address! + Math.min(bytes!, SHOWN_BYTES);
      const shown = new TextDecoder().decode(memory.slice(address!, end)) + (bytes! > SHOWN_BYTES ? "…" : "");
      return new QueryError(
        "conversion",
        (messages[message!] ?? "cannot convert {}").replace("{}", () => `'${shown}'`),
      );
    }
    default:
      return undefined;
  }
};
