// A server in a process of its own, for tests that stop and kill it. It prints its address, then serves until it is killed.
import { openServer } from "@headcut/coordinator";

const no = () => {
  throw new Error("not in this test");
};
const server = await openServer({
  listen: process.argv[2] ?? "127.0.0.1:0",
  security: {},
  calls: { echo: async (body) => body, wait: () => new Promise(() => undefined) },
  streams: {
    echo: async (stream) => {
      for await (const message of stream) await stream.send(message);
    },
  },
  flight: {
    getFlightInfo: no,
    getSchema: no,
    listFlights: no,
    doPut: no,
    doAction: no,
    listActions: no,
    async *doGet() {
      while (true) yield { header: Buffer.from("h"), body: [Buffer.alloc(1 << 20)] };
    },
  },
});
process.stdout.write(`${server.address}\n`);
