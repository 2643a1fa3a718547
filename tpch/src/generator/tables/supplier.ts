import { ADDRESS_MAX_LENGTH, AddressStream } from "../address.ts";
import { numberColumn } from "../column.ts";
import { CommentStream } from "../comment.ts";
import { PHONE_LENGTH, PhoneStream } from "../phone.ts";
import { RandomStream } from "../random-stream.ts";
import { pieces, type Source, type TableBatch } from "../source.ts";
import { TextWriter } from "../text-writer.ts";
import { nations } from "../word-lists.ts";

const encoder = new TextEncoder();
const NAME = encoder.encode("Supplier#");
const NAME_MAX_LENGTH = 20;

const CUSTOMER = encoder.encode("Customer ");
const COMPLAINTS = encoder.encode("Complaints");
const RECOMMENDS = encoder.encode("Recommends");
const REMARK_LENGTH = CUSTOMER.length + COMPLAINTS.length;

/** Remarks, complaints or recommendations, in ten thousand suppliers. */
const REMARKS_PER_TEN_THOUSAND = 10;
const COMPLAINTS_PER_HUNDRED = 50;

const BATCH_ROWS = 61_440;

/** Writes "Customer … Complaints" or "Customer … Recommends" into some of the comments (clause 4.2.3, SUPPLIER). */
class RemarkStream {
  readonly #chance: RandomStream;
  readonly #kind: RandomStream;
  readonly #gap: RandomStream;
  readonly #offset: RandomStream;

  constructor(row: number) {
    this.#chance = new RandomStream(202794285, 1, row);
    this.#kind = new RandomStream(753643799, 1, row);
    this.#gap = new RandomStream(263032577, 1, row);
    this.#offset = new RandomStream(715851524, 1, row);
  }

  /** Overwrites part of the comment that ends where `writer` stands. */
  apply(writer: TextWriter, commentLength: number): void {
    const chance = this.#chance.between(1, 10_000);
    const kind = this.#kind.between(0, 100);
    const gap = this.#gap.between(0, commentLength - REMARK_LENGTH);
    const offset = this.#offset.between(0, commentLength - REMARK_LENGTH - gap);
    if (chance > REMARKS_PER_TEN_THOUSAND) return;
    const start = writer.position - commentLength + offset;
    writer.bytes.set(CUSTOMER, start);
    writer.bytes.set(kind < COMPLAINTS_PER_HUNDRED ? COMPLAINTS : RECOMMENDS, start + CUSTOMER.length + gap);
  }
}

/** Suppliers (specification clause 4.2.3, SUPPLIER). */
export function* generateSupplier({ range, pool }: Source): Generator<TableBatch> {
  const row = range.first;
  const addresses = new AddressStream(706178559, row);
  const nationKeys = new RandomStream(110356601, 1, row);
  const phones = new PhoneStream(884434366, row);
  const balances = new RandomStream(962338209, 1, row);
  const comments = new CommentStream(pool, 63, 1341315363, row);
  const remarks = new RemarkStream(row);

  for (const { first, end } of pieces(range, BATCH_ROWS)) {
    const rowCount = end - first;
    const key = new Float64Array(rowCount);
    const name = new TextWriter(rowCount, NAME_MAX_LENGTH);
    const address = new TextWriter(rowCount, ADDRESS_MAX_LENGTH);
    const nationKey = new Int32Array(rowCount);
    const phone = new TextWriter(rowCount, PHONE_LENGTH);
    const balance = new Int32Array(rowCount);
    const comment = new TextWriter(rowCount, comments.maxLength);
    for (let i = 0; i < rowCount; i++) {
      key[i] = first + i + 1;
      name.append(NAME);
      name.appendNumber(first + i + 1, 9);
      name.endValue();
      addresses.append(address);
      address.endValue();
      const nation = nationKeys.between(0, nations.length - 1);
      nationKey[i] = nation;
      phones.append(phone, nation);
      phone.endValue();
      balance[i] = balances.between(-99_999, 999_999);
      remarks.apply(comment, comments.append(comment));
      comment.endValue();
    }
    const columns = [
      numberColumn(key),
      name.finish(),
      address.finish(),
      numberColumn(nationKey),
      phone.finish(),
      numberColumn(balance),
      comment.finish(),
    ];
    yield { table: "supplier", batch: { rowCount, columns } };
  }
}
