import type { PhysicalPlan } from "../physical-plan.ts";
import type { Table } from "../table.ts";
import { checkReferences } from "./check-references.ts";
import { type Codec, list, object } from "./codec.ts";
import { decodeMessage, encodeMessage } from "./message.ts";
import { malformed } from "./place.ts";
import { planCodec } from "./plan-codec.ts";
import { natural } from "./scalar-codecs.ts";
import { table as tableCodec } from "./table-codec.ts";

/**
 * A plan inside a larger message: its tables first, each once however many scans read it, then the operators. What is
 * decoded is checked to be a plan in which every reference to a column, table or CTE leads somewhere of the right type.
 */
export const plan: Codec<PhysicalPlan> = {
  encode: (value) => {
    const tables = new Map<string, number>();
    const operators = planCodec({
      encode: (table) => {
        const key = JSON.stringify(tableCodec.encode(table));
        const known = tables.get(key);
        if (known !== undefined) return known;
        tables.set(key, tables.size);
        return tables.size - 1;
      },
      decode: () => ({}) as never,
    }).encode(value)!;
    return { tables: [...tables.keys()].map((text) => JSON.parse(text)), operators };
  },
  decode: (json, place) => {
    let tables: readonly Table[] = [];
    const known: Codec<readonly Table[]> = {
      encode: () => undefined,
      decode: (inner, at) => {
        tables = list(tableCodec).decode(inner, at);
        return tables;
      },
    };
    const operators = planCodec({
      encode: () => undefined,
      decode: (inner, at) => {
        const found = tables[natural.decode(inner, at)];
        if (found === undefined) throw malformed(at, "a table of the message");
        return found;
      },
    });
    const decoded = object<{ tables: readonly Table[]; operators: PhysicalPlan }>({
      tables: known,
      operators,
    }).decode(json, place);
    checkReferences(decoded.operators, place);
    return decoded.operators;
  },
};

/** A plan as bytes: equal plans are equal bytes, whatever objects they share. Throws QueryError "unsupported". */
export const encodePlan = (value: PhysicalPlan): Uint8Array => encodeMessage("plan", plan, value);

/** The plan of these bytes; QueryError "io" if they are not one, "unsupported" if they are of another version. */
export const decodePlan = (bytes: Uint8Array): PhysicalPlan => decodeMessage("plan", plan, bytes);
