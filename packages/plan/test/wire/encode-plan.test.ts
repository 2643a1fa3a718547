import { describe, expect, test } from "vitest";
import { boolean, double, int32, int64, uuid, varchar } from "../../src/data-type.ts";
import { columnRef, constant, type Expression } from "../../src/expression.ts";
import type { PhysicalPlan } from "../../src/physical-plan.ts";
import { QueryError } from "../../src/query-error.ts";
import { decodePlan, encodePlan } from "../../src/wire/encode-plan.ts";
import { MAX_MESSAGE_BYTES, MAX_MESSAGE_DEPTH } from "../../src/wire/message.ts";
import { random, randomPlan, randomValue, TYPES } from "./random-plan.ts";

const SEEDS = 1500;

const text = (plan: PhysicalPlan): string => Buffer.from(encodePlan(plan)).toString();

const values = (...row: readonly Expression[]): PhysicalPlan => ({
  kind: "values",
  operatorId: 0,
  columns: row.map(({ type, nullable }, id) => ({ id, name: `c${id}`, type, nullable })),
  estimatedRows: 1,
  rows: [row],
});

const failure = (bytes: Uint8Array | string): QueryError => {
  try {
    decodePlan(typeof bytes === "string" ? Buffer.from(bytes) : bytes);
  } catch (error) {
    if (error instanceof QueryError) return error;
    throw error;
  }
  throw new Error("it was decoded");
};

describe("plans on the wire", () => {
  test("random plans come back as they were, and encode to the same bytes again", () => {
    const kinds = new Set<string>();
    for (let seed = 1; seed <= SEEDS; seed++) {
      const plan = randomPlan(random(seed), seed % 6);
      const bytes = encodePlan(plan);
      const back = decodePlan(bytes);
      expect(back, `seed ${seed}`).toStrictEqual(plan);
      expect(Buffer.compare(encodePlan(back), bytes), `seed ${seed}`).toBe(0);
      for (const [, kind] of text(plan).matchAll(/"kind":"(\w+)"/g)) kinds.add(kind!);
    }
    // 13 operators, 14 kinds of expressions, 2 table sources ("filter" and "project" are no expressions).
    expect(kinds.size).toBe(29);
  });

  test("every value of every type comes back bit for bit", () => {
    const rng = random(7);
    for (const type of TYPES) {
      for (let i = 0; i < 40; i++) {
        const value = randomValue(rng, type);
        const back = decodePlan(encodePlan(values(constant(type, value)))) as Extract<PhysicalPlan, { kind: "values" }>;
        const decoded = (back.rows[0]![0] as { value: unknown }).value;
        expect(Object.is(decoded, value) || typeof value === "object").toBe(true);
        expect(decoded).toStrictEqual(value);
      }
    }
  });

  test("equal plans of different objects, with fields in another order, are equal bytes", () => {
    const plan = randomPlan(random(11), 4);
    const shuffled = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(shuffled);
      if (typeof value !== "object" || value === null || value instanceof Uint8Array) return value;
      return Object.fromEntries(
        Object.entries(value)
          .reverse()
          .map(([key, inner]) => [key, shuffled(inner)]),
      );
    };
    expect(text(shuffled(plan) as PhysicalPlan)).toBe(text(plan));
  });

  test("a table that is read twice travels once, and is one object again", () => {
    const scan = (operatorId: number): PhysicalPlan => ({
      kind: "scan",
      operatorId,
      columns: [],
      estimatedRows: 1,
      alias: "t",
      read: [],
      filters: [],
      table: {
        name: "t",
        columns: [],
        rowCount: 1,
        source: { kind: "parquet", files: [{ path: "a.parquet", sizeBytes: 1, rowCount: 1, identity: "i" }] },
      },
    });
    const plan: PhysicalPlan = {
      kind: "unionAll",
      operatorId: 2,
      columns: [],
      estimatedRows: 2,
      inputs: [scan(0), scan(1)],
      inputColumns: [[], []],
    };
    expect(text(plan).split("a.parquet")).toHaveLength(2);
    const back = decodePlan(encodePlan(plan)) as Extract<PhysicalPlan, { kind: "unionAll" }>;
    const [a, b] = back.inputs as Extract<PhysicalPlan, { kind: "scan" }>[];
    expect(a!.table).toBe(b!.table);
  });

  test("reads well", () => {
    expect(text(values(constant(int64, 5n), constant(double, -0)))).toMatchInlineSnapshot(
      `"{"headcut":"plan","version":1,"body":{"tables":[],"operators":{"kind":"values","operatorId":0,"columns":[{"id":0,"name":"c0","type":"int64","nullable":false},{"id":1,"name":"c1","type":"double","nullable":false}],"estimatedRows":1,"rows":[[{"kind":"constant","type":"int64","nullable":false,"value":"5"},{"kind":"constant","type":"double","nullable":false,"value":"-0"}]]}}}"`,
    );
  });
});

describe("messages that are not plans", () => {
  const good = text(values(constant(int32, 5), constant(varchar, "x")));
  const broken = (from: string | RegExp, to: string): string => {
    const changed = good.replace(from, to);
    expect(changed).not.toBe(good);
    return changed;
  };

  test.each([
    ["nothing", "", "JSON in UTF-8"],
    ["no JSON", "{", "JSON in UTF-8"],
    ["another JSON", "[1]", "a message of Headcut"],
    ["another kind", broken('"headcut":"plan"', '"headcut":"fragment"'), "a plan"],
    ["an unknown operator", broken('"kind":"values"', '"kind":"evil"'), "plan.operators.kind"],
    ["an operator of Object.prototype", broken('"kind":"values"', '"kind":"constructor"'), "plan.operators.kind"],
    ["a field too many", broken('"estimatedRows":1', '"estimatedRows":1,"x":1'), 'no field "x"'],
    ["a prototype", broken('"estimatedRows":1', '"estimatedRows":1,"__proto__":{}'), 'no field "__proto__"'],
    ["a field too few", broken('"estimatedRows":1,', ""), "plan.operators.estimatedRows"],
    ["a fraction", broken('"operatorId":0', '"operatorId":0.5'), "a whole number"],
    ["a value of another type", broken('"value":5', '"value":"5"'), "rows[0][0].value"],
    ["a value out of range", broken('"value":5', '"value":2147483648'), "rows[0][0].value"],
    [
      "a constant of another type",
      broken(/"int32"(?=,"nullable":false,"value")/, '"int16"'),
      "constants of the columns",
    ],
    ["too few columns", broken(/,\{"id":1[^}]*\}/, ""), "constants of the columns' types"],
    ["a type with a silly precision", broken('"type":"int32"', '"type":"decimal(39,2)"'), "a data type"],
    ["a scale above the precision", broken('"type":"int32"', '"type":"decimal(3,4)"'), "a data type"],
  ])("%s", (_, message, expected) => {
    const error = failure(message);
    expect(error.code).toBe("io");
    expect(error.message).toContain(expected);
  });

  test("another version says so", () => {
    const error = failure(broken('"version":1', '"version":2'));
    expect(error.code).toBe("unsupported");
    expect(error.hint).toContain("same release");
  });

  test("references that lead nowhere, or to another type", () => {
    const filter = (type: "boolean" | "int32", id: number): PhysicalPlan => ({
      kind: "filter",
      operatorId: 1,
      columns: [],
      estimatedRows: 1,
      input: values(constant(boolean, true)),
      predicate: { kind: "column", id, name: "p", type: { kind: type }, nullable: false },
    });
    expect(decodePlan(encodePlan(filter("boolean", 0)))).toEqual(filter("boolean", 0));
    expect(failure(encodePlan(filter("boolean", 1))).message).toContain("column p#1 below");
    expect(failure(encodePlan(filter("int32", 0))).message).toContain("column p#0 below");
    const input = values(constant(boolean, true));
    const keys = [{ expression: columnRef(input.columns[0]!), descending: false, nullsFirst: false }];
    const merge: PhysicalPlan = { kind: "sort", operatorId: 1, columns: input.columns, estimatedRows: 1, input, keys };
    expect(decodePlan(encodePlan(merge))).toEqual(merge);
    expect(failure(encodePlan({ ...merge, inRuns: true })).message).toContain("runs that are in the order");
    const twice: PhysicalPlan = { ...filter("boolean", 0), operatorId: 0 };
    expect(failure(encodePlan(twice)).message).toContain("an operator id of its own");
    const noCte: PhysicalPlan = {
      kind: "cteScan",
      operatorId: 0,
      columns: [],
      estimatedRows: 0,
      cteId: 3,
      name: "c",
      sources: [],
    };
    expect(failure(encodePlan(noCte)).message).toContain("a CTE that is defined around it");
  });

  test("too long, too deep, too many, endless digits: refused at once", () => {
    const began = performance.now();
    expect(failure(Buffer.alloc(MAX_MESSAGE_BYTES + 1, "1")).message).toContain("bytes of at most");
    expect(failure("[".repeat(MAX_MESSAGE_BYTES - 1)).message).toContain(`more than ${MAX_MESSAGE_DEPTH} levels`);
    expect(failure(`[${"[],".repeat(3_000_000)}1]`).message).toContain("objects and lists");
    const digits = text(values(constant(int64, 5n))).replace('"value":"5"', `"value":"${"9".repeat(4_000_000)}"`);
    expect(failure(digits).message).toContain("the digits of a whole number");
    expect(failure(text(values(constant(uuid, null))).replace('"value":null', '"value":"AAAA"')).message).toContain(
      "16 bytes",
    );
    expect(performance.now() - began).toBeLessThan(5000);
  });

  test("nesting up to the limit is decoded, beyond it neither side fails in another way", () => {
    const nested = (depth: number): PhysicalPlan => {
      let predicate: Expression = constant(boolean, true);
      for (let i = 0; i < depth; i++) predicate = { kind: "not", arg: predicate, type: boolean, nullable: false };
      return { kind: "filter", operatorId: 1, columns: [], estimatedRows: 1, input: values(), predicate };
    };
    const deepest = MAX_MESSAGE_DEPTH - 10;
    expect(decodePlan(encodePlan(nested(deepest)))).toEqual(nested(deepest));
    for (const depth of [MAX_MESSAGE_DEPTH, 100_000]) {
      expect(() => encodePlan(nested(depth))).toThrow(QueryError);
    }
  });

  test("damaged bytes give a plan or a QueryError, never anything else", () => {
    const rng = random(3);
    let refused = 0;
    for (let i = 0; i < 2500; i++) {
      const bytes = Uint8Array.from(encodePlan(randomPlan(random(i % 50), 3)));
      for (let k = 0; k <= rng.below(3); k++) bytes[rng.below(bytes.length)] = rng.below(256);
      const cut = rng.chance(0.1) ? bytes.subarray(0, rng.below(bytes.length)) : bytes;
      try {
        decodePlan(cut);
      } catch (error) {
        expect(error, `round ${i}`).toBeInstanceOf(QueryError);
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(1200);
  });

  test("parts of plans in the wrong places are refused by shape", () => {
    const rng = random(5);
    const places = (json: unknown, out: { owner: Record<string, unknown>; key: string }[] = []) => {
      if (typeof json === "object" && json !== null) {
        for (const key of Object.keys(json)) {
          out.push({ owner: json as Record<string, unknown>, key });
          places((json as Record<string, unknown>)[key], out);
        }
      }
      return out;
    };
    for (let i = 0; i < 1500; i++) {
      const json = JSON.parse(text(randomPlan(random(i % 40), 3))) as unknown;
      const all = places(json);
      const [to, from] = [rng.pick(all), rng.pick(all)];
      to.owner[to.key] = structuredClone(from.owner[from.key]);
      try {
        decodePlan(Buffer.from(JSON.stringify(json)));
      } catch (error) {
        expect(error, `round ${i}`).toBeInstanceOf(QueryError);
      }
    }
  });
});
