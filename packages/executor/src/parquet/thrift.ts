/**
 * Reads Thrift's compact protocol, the encoding of all Parquet metadata
 * (https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md).
 */
export const wireType = {
  stop: 0,
  true: 1,
  false: 2,
  i8: 3,
  i16: 4,
  i32: 5,
  i64: 6,
  double: 7,
  binary: 8,
  list: 9,
  set: 10,
  map: 11,
  struct: 12,
  uuid: 13,
} as const;

const MAX_NESTING = 64;

/**
 * A cursor over encoded bytes. A struct is read by a loop over `nextField`, a `switch` on the id, and `skip` for
 * unknown fields; every read checks the field's wire type and the end of the bytes, and calls `fail` if they do not fit.
 */
export class CompactReader {
  readonly bytes: Uint8Array;
  readonly end: number;
  position: number;
  /** Wire type of the field or list element that comes next. */
  type = 0;
  readonly #fail: (position: number, what: string) => never;

  constructor(bytes: Uint8Array, position: number, end: number, fail: (position: number, what: string) => never) {
    this.bytes = bytes;
    this.position = position;
    this.end = end;
    this.#fail = fail;
  }

  fail(what: string): never {
    return this.#fail(this.position, what);
  }

  /** The next field's id, or 0 at the end of the struct. `previous` is the id before it, 0 at the start. */
  nextField(previous: number): number {
    const header = this.#byte();
    if (header === wireType.stop) return 0;
    this.type = header & 0x0f;
    if (this.type === 0 || this.type > wireType.uuid) this.fail(`unknown field type ${this.type}`);
    const delta = header >> 4;
    const id = delta === 0 ? this.#zigzag() : previous + delta;
    if (id <= 0 || id > 0x7fff) this.fail(`field id ${id}`);
    return id;
  }

  bool(): boolean {
    if (this.type === wireType.true) return true;
    if (this.type === wireType.false) return false;
    return this.#mismatch("bool");
  }

  /** An integer of up to 32 bits. */
  i32(): number {
    if (this.type === wireType.i8) return (this.#byte() << 24) >> 24;
    if (this.type !== wireType.i16 && this.type !== wireType.i32) this.#mismatch("i32");
    const value = this.#zigzag();
    if (value !== (value | 0)) this.fail(`${value} does not fit 32 bits`);
    return value;
  }

  /** A 64-bit integer; those beyond 2^53 are refused: no count or offset in a file is that large. */
  i64(): number {
    if (this.type !== wireType.i64 && this.type !== wireType.i32 && this.type !== wireType.i16) this.#mismatch("i64");
    return this.#zigzag();
  }

  /** A view of the bytes, not a copy. */
  binary(): Uint8Array {
    if (this.type !== wireType.binary) this.#mismatch("binary");
    const length = this.#length();
    const start = this.position;
    this.position += length;
    return this.bytes.subarray(start, start + length);
  }

  string(): string {
    return new TextDecoder().decode(this.binary());
  }

  /** Enters a list; returns how many elements follow, each then read with the type this sets. */
  list(): number {
    if (this.type !== wireType.list && this.type !== wireType.set) this.#mismatch("list");
    const header = this.#byte();
    const count = header >> 4 === 15 ? this.#length() : header >> 4;
    this.type = header & 0x0f;
    if (count > this.end - this.position) this.fail(`list of ${count} elements in ${this.end - this.position} bytes`);
    return count;
  }

  /** A list of `read`'s results; each element has the wire type `element`. */
  listOf<T>(element: number, read: () => T): T[] {
    const count = this.list();
    const type = this.type;
    if (count > 0 && type !== element) this.#mismatch(`list of type ${element}`);
    const values: T[] = [];
    for (let i = 0; i < count; i++) {
      this.type = type;
      values.push(read());
    }
    return values;
  }

  /** A list of booleans, which are whole bytes in lists. */
  boolList(): boolean[] {
    const count = this.list();
    if (count > 0 && this.type !== wireType.true && this.type !== wireType.false) this.#mismatch("list of bool");
    return Array.from({ length: count }, () => this.#byte() === wireType.true);
  }

  /** Checks that a struct comes next. */
  struct(): void {
    if (this.type !== wireType.struct) this.#mismatch("struct");
  }

  /** Passes over the value of the field just announced. */
  skip(depth = 0): void {
    if (depth > MAX_NESTING) this.fail("nested too deeply");
    switch (this.type) {
      case wireType.true:
      case wireType.false:
        return;
      case wireType.i8:
        this.#advance(1);
        return;
      case wireType.i16:
      case wireType.i32:
      case wireType.i64:
        this.#skipVarint();
        return;
      case wireType.double:
        this.#advance(8);
        return;
      case wireType.uuid:
        this.#advance(16);
        return;
      case wireType.binary:
        this.#advance(this.#length());
        return;
      case wireType.list:
      case wireType.set: {
        const count = this.list();
        const type = this.type;
        for (let i = 0; i < count; i++) this.#skipElement(type, depth);
        return;
      }
      case wireType.map:
        this.#skipMap(depth);
        return;
      case wireType.struct:
        for (let id = this.nextField(0); id !== 0; id = this.nextField(id)) this.skip(depth + 1);
        return;
      default:
        this.fail(`unknown type ${this.type}`);
    }
  }

  #skipElement(type: number, depth: number): void {
    this.type = type;
    if (type === wireType.true || type === wireType.false) this.#advance(1);
    else this.skip(depth + 1);
  }

  #skipMap(depth: number): void {
    const count = this.#length();
    if (count === 0) return;
    const types = this.#byte();
    for (let i = 0; i < count; i++) {
      this.#skipElement(types >> 4, depth);
      this.#skipElement(types & 0x0f, depth);
    }
  }

  #mismatch(expected: string): never {
    return this.fail(`expected ${expected}, found wire type ${this.type}`);
  }

  #byte(): number {
    if (this.position >= this.end) this.fail("metadata ends too early");
    return this.bytes[this.position++]!;
  }

  #advance(bytes: number): void {
    if (bytes > this.end - this.position) this.fail("metadata ends too early");
    this.position += bytes;
  }

  #length(): number {
    const length = this.#varint();
    if (length > this.end - this.position) this.fail(`length ${length} in ${this.end - this.position} bytes`);
    return length;
  }

  #skipVarint(): void {
    for (let i = 0; i < 10; i++) if (this.#byte() < 0x80) return;
    this.fail("varint too long");
  }

  #varint(): number {
    let value = 0;
    let scale = 1;
    for (let i = 0; i < 10; i++) {
      const byte = this.#byte();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) {
        if (value > Number.MAX_SAFE_INTEGER) this.fail(`number ${value} too large`);
        return value;
      }
      scale *= 128;
    }
    return this.fail("varint too long");
  }

  #zigzag(): number {
    const value = this.#varint();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }
}
