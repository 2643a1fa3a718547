import { ADDRESS_MAX_LENGTH, AddressStream } from "../address.ts";
import { numberColumn, wordColumn } from "../column.ts";
import { CommentStream } from "../comment.ts";
import { pick } from "../distribution.ts";
import { PHONE_LENGTH, PhoneStream } from "../phone.ts";
import { RandomStream } from "../random-stream.ts";
import { pieces, type Source, type TableBatch } from "../source.ts";
import { TextWriter } from "../text-writer.ts";
import { marketSegments, nations } from "../word-lists.ts";

const NAME = new TextEncoder().encode("Customer#");
const NAME_MAX_LENGTH = 20;
const BATCH_ROWS = 61_440;

/** Customers (specification clause 4.2.3, CUSTOMER). */
export function* generateCustomer({ range, pool }: Source): Generator<TableBatch> {
  const row = range.first;
  const addresses = new AddressStream(881155353, row);
  const nationKeys = new RandomStream(1489529863, 1, row);
  const phones = new PhoneStream(1521138112, row);
  const balances = new RandomStream(298370230, 1, row);
  const segments = new RandomStream(1140279430, 1, row);
  const comments = new CommentStream(pool, 73, 1335826707, row);

  for (const { first, end } of pieces(range, BATCH_ROWS)) {
    const rowCount = end - first;
    const key = new Float64Array(rowCount);
    const name = new TextWriter(rowCount, NAME_MAX_LENGTH);
    const address = new TextWriter(rowCount, ADDRESS_MAX_LENGTH);
    const nationKey = new Int32Array(rowCount);
    const phone = new TextWriter(rowCount, PHONE_LENGTH);
    const balance = new Int32Array(rowCount);
    const segment = new Uint8Array(rowCount);
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
      segment[i] = pick(marketSegments, segments);
      comments.append(comment);
      comment.endValue();
    }
    const columns = [
      numberColumn(key),
      name.finish(),
      address.finish(),
      numberColumn(nationKey),
      phone.finish(),
      numberColumn(balance),
      wordColumn(segment, marketSegments.bytes),
      comment.finish(),
    ];
    yield { table: "customer", batch: { rowCount, columns } };
  }
}
