"""pyarrow as a writer and a reader of Parquet. Usage: deltas.py write FOLDER | read FILE; `read` prints the rows as JSON, integers as text."""

import json
import sys

import pyarrow as pa
import pyarrow.parquet as pq

ROWS = 50_001


def columns():
    """Integers of every width of difference, up and down, with and without NULLs, and such that sums wrap around."""
    state = 88172645463325252
    for width in range(65):
        value = -(1 << 63) if width % 2 == 0 else 0
        values = []
        for row in range(ROWS // 20 if width % 8 else ROWS):
            state ^= (state << 13) & 0xFFFFFFFFFFFFFFFF
            state ^= state >> 7
            state ^= (state << 17) & 0xFFFFFFFFFFFFFFFF
            step = (state & ((1 << width) - 1)) - (1 << width) // 2 + (5 if width % 3 == 0 else 0)
            value = (value + step + (1 << 63)) % (1 << 64) - (1 << 63)
            values.append(None if width % 5 == 4 and state % 7 == 0 else value)
        yield width, values


def write(folder):
    for width, values in columns():
        small = [None if value is None else (value + (1 << 31)) % (1 << 32) - (1 << 31) for value in values]
        table = pa.table({"a": pa.array(values, pa.int64()), "b": pa.array(small, pa.int32())})
        pq.write_table(
            table,
            f"{folder}/{width}.parquet",
            use_dictionary=False,
            column_encoding={"a": "DELTA_BINARY_PACKED", "b": "DELTA_BINARY_PACKED"},
            data_page_version="2.0" if width % 2 else "1.0",
            data_page_size=20_000,
            compression="NONE" if width % 4 == 0 else "SNAPPY",
        )


def read(path):
    table = pq.read_table(path)
    columns = [[None if value is None else str(value) for value in column.to_pylist()] for column in table.columns]
    json.dump([list(row) for row in zip(*columns)], sys.stdout)


{"write": write, "read": read}[sys.argv[1]](sys.argv[2])
