import { ByteWriter } from "./byte-writer.ts";
import {
  type LaneOp,
  laneOpcodes,
  type MemoryOp,
  memoryAlignment,
  memoryOpcodes,
  type Op,
  opcodes,
} from "./opcodes.ts";

export type ValueType = "i32" | "i64" | "f32" | "f64" | "v128";

export const valueTypeCodes: Record<ValueType, number> = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c, v128: 0x7b };

export interface FunctionType {
  readonly params: readonly ValueType[];
  readonly results: readonly ValueType[];
}

/** A parameter or local variable of one function. */
export interface Local {
  readonly index: number;
  readonly type: ValueType;
}

/** A block or loop that `br` can name. */
export interface Label {
  readonly depth: number;
}

/** A function of the module: imported or defined. Its index is only known once the module is finished. */
export interface FunctionRef {
  readonly name: string;
  readonly type: FunctionType;
}

/** A function in a slot of the table that the module imports: unlike an import, it costs nothing while the module is compiled. */
export interface TableFunction extends FunctionRef {
  readonly slot: number;
}

interface Section {
  readonly code: ByteWriter;
  readonly calls: { readonly offset: number; readonly target: FunctionRef }[];
}

const newSection = (): Section => ({ code: new ByteWriter(), calls: [] });

/**
 * Emits the body of one function, instruction by instruction, in the order of the binary format. Structured control
 * takes closures, so nesting in the source is nesting in the code. Knows WebAssembly, no SQL.
 */
export class FunctionBuilder implements FunctionRef {
  readonly name: string;
  readonly type: FunctionType;
  readonly params: readonly Local[];
  private readonly locals: Local[] = [];
  private readonly head = newSection();
  private readonly body = newSection();
  private section = this.body;
  private depth = 0;

  constructor(name: string, type: FunctionType) {
    this.name = name;
    this.type = type;
    this.params = type.params.map((param, index) => ({ index, type: param }));
  }

  /** A fresh local, zero at function entry (and NOT reset when a loop comes round again). */
  local(type: ValueType): Local {
    const local = { index: this.params.length + this.locals.length, type };
    this.locals.push(local);
    return local;
  }

  /** Emits at the function's entry, before everything emitted so far: for values that do not change in its loops. */
  atEntry(emit: () => void): void {
    if (this.section === this.head && this.depth > 0) {
      throw new Error("internal error: entry code inside a block of entry code may never run");
    }
    const [section, depth] = [this.section, this.depth];
    this.section = this.head;
    this.depth = 0;
    emit();
    this.section = section;
    this.depth = depth;
  }

  op(name: Op): void {
    this.opcode(opcodes[name]);
  }

  /** A load, store or atomic access at `address on the stack + offset` (bytes). */
  mem(name: MemoryOp, offset = 0): void {
    this.opcode(memoryOpcodes[name]);
    this.code.u32(memoryAlignment[name]);
    this.code.u32(offset);
  }

  lane(name: LaneOp, lane: number): void {
    this.opcode(laneOpcodes[name]);
    this.code.byte(lane);
  }

  /** i8x16.shuffle with its 16 lane indices. */
  shuffle(lanes: readonly number[]): void {
    this.opcode(0xfd000d);
    for (const lane of lanes) this.code.byte(lane);
  }

  i32(value: number): void {
    this.code.byte(0x41);
    this.code.s32(value);
  }

  i64(value: bigint | number): void {
    this.code.byte(0x42);
    this.code.s64(BigInt(value));
  }

  f32(value: number): void {
    this.code.byte(0x43);
    this.code.f32(value);
  }

  f64(value: number): void {
    this.code.byte(0x44);
    this.code.f64(value);
  }

  v128(bytes: Uint8Array): void {
    this.opcode(0xfd000c);
    this.code.append(bytes.subarray(0, 16));
  }

  get(local: Local): void {
    this.code.byte(0x20);
    this.code.u32(local.index);
  }

  set(local: Local): void {
    this.code.byte(0x21);
    this.code.u32(local.index);
  }

  tee(local: Local): void {
    this.code.byte(0x22);
    this.code.u32(local.index);
  }

  /** `br label` inside leaves the block. */
  block(emit: (label: Label) => void): void {
    this.code.byte(0x02);
    this.code.byte(0x40);
    this.nested(emit);
  }

  /** `br label` inside starts the next turn; falling off the end leaves the loop. */
  loop(emit: (label: Label) => void): void {
    this.code.byte(0x03);
    this.code.byte(0x40);
    this.nested(emit);
  }

  /** Takes an i32 condition from the stack. With `result`, both arms leave one value of that type. */
  if(then: () => void, otherwise?: () => void, result?: ValueType): void {
    this.code.byte(0x04);
    this.code.byte(result === undefined ? 0x40 : valueTypeCodes[result]);
    this.depth++;
    then();
    if (otherwise !== undefined) {
      this.code.byte(0x05);
      otherwise();
    }
    this.depth--;
    this.code.byte(0x0b);
  }

  br(label: Label): void {
    this.code.byte(0x0c);
    this.code.u32(this.depth - label.depth);
  }

  brIf(label: Label): void {
    this.code.byte(0x0d);
    this.code.u32(this.depth - label.depth);
  }

  call(target: FunctionRef | TableFunction): void {
    const isInTable = "slot" in target;
    if (isInTable) this.i32(target.slot);
    this.code.byte(isInTable ? 0x11 : 0x10);
    this.section.calls.push({ offset: this.code.length, target });
    this.code.paddedU32(0);
    if (isInTable) this.code.u32(0);
  }

  memoryCopy(): void {
    this.opcode(0xfc0a);
    this.code.byte(0);
    this.code.byte(0);
  }

  memoryFill(): void {
    this.opcode(0xfc0b);
    this.code.byte(0);
  }

  /** The code entry of the binary format; `indexOf` gives each called function's final index, or of one in the table its type's. */
  encode(indexOf: (target: FunctionRef) => number): Uint8Array {
    const out = new ByteWriter();
    out.u32(this.locals.length);
    for (const local of this.locals) {
      out.u32(1);
      out.byte(valueTypeCodes[local.type]);
    }
    for (const { code, calls } of [this.head, this.body]) {
      for (const { offset, target } of calls) code.patchU32(offset, indexOf(target));
      out.append(code.finish());
    }
    out.byte(0x0b);
    return out.finish();
  }

  private get code(): ByteWriter {
    return this.section.code;
  }

  private opcode(code: number): void {
    if (code <= 0xff) {
      this.code.byte(code);
    } else if (code <= 0xffff) {
      this.code.byte(code >> 8);
      this.code.u32(code & 0xff);
    } else {
      this.code.byte(code >> 16);
      this.code.u32(code & 0xffff);
    }
  }

  private nested(emit: (label: Label) => void): void {
    this.depth++;
    emit({ depth: this.depth });
    this.depth--;
    this.code.byte(0x0b);
  }
}
