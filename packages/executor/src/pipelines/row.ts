import type { ColumnId } from "@headcut/plan";
import type { Value } from "../expressions/value.ts";
import type { Storage } from "../layout/storage.ts";
import type { Local } from "../wasm/function-builder.ts";
import type { Leaders } from "./leader-plan.ts";

/** A column that some batches bring as codes of a dictionary. */
export interface EncodedColumn {
  /**
   * Fields of the batch, loaded at the function's entry: the address of the rows' codes (0: this batch has none), the number of values
   * in their dictionary, and what changes whenever the dictionary does.
   */
  readonly codes: Local;
  readonly dictionaryCount: Local;
  readonly dictionaryId: Local;
  readonly storage: Storage;
  readonly nullable: boolean;
  /** Pushes the row's code, which a NULL row has too. Only where there are codes. */
  pushCode(): void;
  /** Pushes 1 where the row is NULL, otherwise 0. Only where the column is nullable. */
  pushIsNull(): void;
  /** The value in locals that other users of the row do not share: also inside a branch. */
  loadApart(): Value;
}

/** A column of a row that a join has kept, and that many rows may meet. */
export interface KeptColumn {
  /** Address of the row, which stays what it is until the query ends. */
  readonly row: Local;
  /** The value in locals that other users of the row do not share: also inside a branch. */
  loadApart(): Value;
}

/** A column of a build row that follows a leader, in a row of any kind. */
export interface LedColumn {
  readonly leaders: Leaders;
  /** Leaves the leader's address. */
  pushAddress(): void;
}

/** How a column of the current row comes into locals. */
export interface ColumnSource {
  /** Emits the load, or the computation, at the place where it is called. */
  readonly load: () => Value;
  /** Whether the bytes of a string outlive the batch, so that keeping the reference needs no copy. */
  readonly stable: boolean;
  readonly encoded?: EncodedColumn;
  readonly kept?: KeptColumn;
  readonly leader?: LedColumn;
}

/**
 * The current row while code is emitted: columns come into locals when an operator loads them, once, and later code that
 * the load dominates reads the locals. So an operator loads what it needs at its own level, never inside a branch or
 * loop that other users of the row do not share.
 */
export class Row {
  private readonly sources: ReadonlyMap<ColumnId, ColumnSource>;
  private readonly values = new Map<ColumnId, Value>();

  constructor(sources: ReadonlyMap<ColumnId, ColumnSource>) {
    this.sources = sources;
  }

  load(ids: Iterable<ColumnId>): void {
    for (const id of ids) {
      if (!this.values.has(id)) this.values.set(id, this.sourceOf(id).load());
    }
  }

  /** The value of a column that has been loaded. */
  column = (id: ColumnId): Value => {
    const value = this.values.get(id);
    if (value === undefined) throw new Error(`internal error: column ${id} was not loaded`);
    return value;
  };

  /** Loads the column and returns its value. */
  get(id: ColumnId): Value {
    this.load([id]);
    return this.column(id);
  }

  has(id: ColumnId): boolean {
    return this.sources.has(id);
  }

  isStable(id: ColumnId): boolean {
    return this.sourceOf(id).stable;
  }

  /** The column as a source of another row: loaded once for both. */
  source(id: ColumnId): ColumnSource {
    return { ...this.sourceOf(id), load: () => this.get(id) };
  }

  /** How the column's codes are read, where batches may bring it as codes. */
  encoded(id: ColumnId): EncodedColumn | undefined {
    return this.sourceOf(id).encoded;
  }

  /** Where the column lies, if it is in a row that a join has kept. */
  kept(id: ColumnId): KeptColumn | undefined {
    return this.sourceOf(id).kept;
  }

  /** The leader that the column's row follows, if it has one. */
  leader(id: ColumnId): LedColumn | undefined {
    return this.sourceOf(id).leader;
  }

  private sourceOf(id: ColumnId): ColumnSource {
    const source = this.sources.get(id);
    if (source === undefined) throw new Error(`internal error: column ${id} is not in the row`);
    return source;
  }
}
