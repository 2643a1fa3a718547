"""Arrow Flight as pyarrow's users call it: `python client.py CASE` reads its arguments as JSON from the standard input, and
prints what it found as JSON. Judging that is the caller's business."""

import base64
import json
import sys
import threading
import time

import pyarrow as pa
import pyarrow.flight as flight


def connect(args, headers=()):
    tls = {"tls_root_certs": open(args["ca"], "rb").read()} if "ca" in args else {}
    if "cert" in args:
        tls.update(cert_chain=open(args["cert"], "rb").read(), private_key=open(args["key"], "rb").read())
    client = flight.FlightClient(args["url"], **tls)
    token = args.get("token")
    sent = list(headers) + ([(b"authorization", f"Bearer {token}".encode())] if token else [])
    return client, flight.FlightCallOptions(headers=sent)


def ipc(table):
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return base64.b64encode(sink.getvalue()).decode()


def read(client, options, sql):
    info = client.get_flight_info(flight.FlightDescriptor.for_command(sql.encode()), options)
    (endpoint,) = info.endpoints
    reader = client.do_get(endpoint.ticket, options)
    return info, reader


def failure(call):
    try:
        call()
    except flight.FlightError as error:
        return {"kind": type(error).__name__, "message": str(error)}
    except pa.ArrowException as error:
        return {"kind": type(error).__name__, "message": str(error)}
    return {"kind": None, "message": None}


def basic(args):
    """User and password for a token, which then is all that calls need."""
    client = flight.FlightClient(args["url"])
    name, value = client.authenticate_basic_token("ann", args["token"])
    options = flight.FlightCallOptions(headers=[(name, value)])
    return {"header": name.decode(), "value": value.decode(), "tables": len(list(client.list_flights(options=options)))}


class PlainPassword(flight.ClientAuthHandler):
    """The older handshake."""

    def __init__(self, password):
        super().__init__()
        self.password = password
        self.token = None

    def authenticate(self, outgoing, incoming):
        outgoing.write(flight.BasicAuth("ann", self.password).serialize())
        self.token = incoming.read()

    def get_token(self):
        return self.token


def older(args):
    client = flight.FlightClient(args["url"])
    handler = PlainPassword(args["token"])
    client.authenticate(handler)
    return {"tables": len(list(client.list_flights()))}


def refused(args):
    anonymous = flight.FlightClient(args["url"])
    wrong, options = connect({**args, "token": "wrong"})
    return {
        "anonymous": failure(lambda: list(anonymous.list_flights())),
        "bearer": failure(lambda: list(wrong.list_flights(options=options))),
        "basic": failure(lambda: anonymous.authenticate_basic_token("ann", "wrong")),
        "older": failure(lambda: anonymous.authenticate(PlainPassword("wrong"))),
    }


def tables(args):
    client, options = connect(args)
    flights = {}
    for info in client.list_flights(options=options):
        rows = client.do_get(info.endpoints[0].ticket, options).read_all().num_rows
        flights[info.descriptor.path[0].decode()] = {
            "schema": [str(field.type) for field in info.schema],
            "records": info.total_records,
            "rows": rows,
        }
    return flights


def query(args):
    """Schema by three ways, and the rows."""
    client, options = connect(args)
    descriptor = flight.FlightDescriptor.for_command(args["sql"].encode())
    asked = client.get_schema(descriptor, options).schema
    info, reader = read(client, options, args["sql"])
    table = reader.read_all()
    table.validate(full=True)
    return {
        "equal": [asked.equals(table.schema, check_metadata=True), info.schema.equals(table.schema, check_metadata=True)],
        "types": [str(field.type) for field in table.schema],
        "nullable": [field.nullable for field in table.schema],
        "rows": table.num_rows,
        "total": info.total_records,
        "locations": [str(place) for place in info.endpoints[0].locations],
        "ipc": ipc(table),
    }


def elsewhere(args):
    """A ticket of one node is read from another."""
    first, options = connect(args)
    second, _ = connect({**args, "url": args["other"]})
    info = first.get_flight_info(flight.FlightDescriptor.for_command(args["sql"].encode()), options)
    ticket = info.endpoints[0].ticket
    forged = flight.Ticket(ticket.ticket[:-1] + bytes([ticket.ticket[-1] ^ 1]))
    return {
        "rows": second.do_get(ticket, options).read_all().num_rows,
        "forged": failure(lambda: second.do_get(forged, options).read_all()),
        "text": failure(lambda: second.do_get(flight.Ticket(args["sql"].encode()), options).read_all()),
    }


def by_path(args):
    client, options = connect(args)
    descriptor = flight.FlightDescriptor.for_path(args["table"])
    info = client.get_flight_info(descriptor, options)
    return {"rows": client.do_get(info.endpoints[0].ticket, options).read_all().num_rows}


def put(args):
    """Rows of several types and batches, a dictionary among them, as a new table; then more of them."""
    client, options = connect(args)
    schema = pa.schema(
        [
            pa.field("id", pa.int64(), nullable=False),
            pa.field("name", pa.dictionary(pa.int8(), pa.string())),
            pa.field("price", pa.decimal128(12, 2)),
            pa.field("day", pa.date32()),
        ]
    )
    counts = []
    for start in args["starts"]:
        writer, metadata = client.do_put(flight.FlightDescriptor.for_path(args["table"]), schema, options)
        for first in range(start, start + 1000, 250):
            ids = range(first, first + 250)
            batch = pa.table(
                {
                    "id": pa.array(ids, pa.int64()),
                    "name": pa.array([None if i % 5 == 0 else f"name {i % 3}" for i in ids]).dictionary_encode().cast(schema.field("name").type),
                    "price": pa.array([f"{i}.25" for i in ids]).cast(pa.decimal128(12, 2)),
                    "day": pa.array([i for i in ids], pa.int32()).cast(pa.date32()),
                },
                schema=schema,
            )
            writer.write_table(batch)
        writer.done_writing()
        counts.append(json.loads(metadata.read().to_pybytes()))
        writer.close()
    return {"counts": counts, "ipc": ipc(read(client, options, args["sql"])[1].read_all())}


def put_wrong(args):
    client, options = connect(args)

    def rows(table, schema):
        writer, metadata = client.do_put(table, schema, options)
        writer.write_table(pa.table({schema.names[0]: [1]}, schema=schema))
        writer.done_writing()
        metadata.read()
        writer.close()

    one = pa.schema([pa.field("other", pa.int32())])
    return {
        "columns": failure(lambda: rows(flight.FlightDescriptor.for_path(args["table"]), one)),
        "command": failure(lambda: rows(flight.FlightDescriptor.for_command(b"nonsense"), one)),
        "nothing": failure(lambda: rows(flight.FlightDescriptor.for_path(), one)),
    }


def errors(args):
    client, options = connect(args)
    return {sql: failure(lambda: read(client, options, sql)[1].read_all()) for sql in args["sql"]}


def half_way(args):
    """An error after some batches."""
    client, options = connect(args)
    reader = read(client, options, args["sql"])[1]
    batches = 0
    try:
        for _ in reader:
            batches += 1
    except (flight.FlightError, pa.ArrowException) as error:
        return {"batches": batches, "kind": type(error).__name__, "message": str(error)}
    return {"batches": batches, "kind": None}


def cancel(args):
    """An endless query, cancelled by the stream, and one cancelled by its FlightInfo. (`read_all` takes a cancellation for Ctrl-C.)"""
    client, options = connect(args)
    started = time.monotonic()
    reader = read(client, options, args["sql"])[1]
    threading.Timer(0.3, reader.cancel).start()
    by_stream = failure(lambda: list(reader))
    stream_seconds = time.monotonic() - started
    info, reader = read(client, options, args["sql"])
    found = []

    def stop():
        result = client.cancel_flight_info(flight.CancelFlightInfoRequest(info), options) if hasattr(client, "cancel_flight_info") else None
        if result is None:
            body = b"\x0a" + varint(len(info.serialize())) + info.serialize()
            result = [r.body.to_pybytes() for r in client.do_action(flight.Action("CancelFlightInfo", body), options)]
        found.append(str(result))

    timer = threading.Timer(0.3, stop)
    timer.start()
    by_info = failure(lambda: list(reader))
    # The stream may end before the answer to the action is there.
    timer.join()
    return {"byStream": by_stream, "seconds": stream_seconds, "byInfo": by_info, "result": found}


def varint(value):
    out = b""
    while value > 127:
        out += bytes([value & 127 | 128])
        value >>= 7
    return out + bytes([value])


def actions(args):
    client, options = connect(args)
    return {
        "types": [kind.type for kind in client.list_actions(options)],
        "unknown": failure(lambda: list(client.do_action(flight.Action("Nonsense", b""), options))),
    }


if __name__ == "__main__":
    print(json.dumps(globals()[sys.argv[1]](json.load(sys.stdin))))
