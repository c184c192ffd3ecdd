/**
 * A thread that posts prepared bodies over keep-alive connections and does as little else as it can, so that the
 * measured server has the cores: requests are prepared as bytes, and of an answer only length and status are read.
 */
import { connect, type Socket } from "node:net";
import { parentPort } from "node:worker_threads";

/** What to send. */
export interface LoadOrder {
  readonly host: string;
  readonly port: number;
  readonly path: string;
  readonly bodies: readonly Uint8Array[];
  readonly connections: number;
  /** Requests a second; as fast as they are answered without it. */
  readonly rate: number | undefined;
}

/** What came back. */
export interface LoadReport {
  /** From the first request to the last answer. */
  readonly seconds: number;
  /** Milliseconds of each answer, from when its request was due. */
  readonly latencies: number[];
  /** Answers by HTTP status. */
  readonly statuses: Record<number, number>;
}

/** The length of the first whole answer in `bytes`, and its status; undefined while it is not whole. */
export function readAnswer(bytes: Buffer): { length: number; status: number } | undefined {
  const end = bytes.indexOf("\r\n\r\n");
  if (end < 0) return undefined;
  const head = bytes.toString("latin1", 0, end);
  const body = /\r\ncontent-length: *([0-9]+)/i.exec(head)?.[1];
  const status = /^HTTP\/1\.1 ([0-9]{3}) /.exec(head)?.[1];
  if (body === undefined || status === undefined) throw new Error(`What answer is this? ${head}`);
  const length = end + 4 + Number(body);
  return bytes.length < length ? undefined : { length, status: Number(status) };
}

class Connection {
  readonly #socket: Socket;
  #received: Buffer = Buffer.alloc(0);
  #answered: ((status: number) => void) | undefined;
  #failed: ((error: Error) => void) | undefined;

  constructor(socket: Socket) {
    this.#socket = socket.setNoDelay(true);
    socket.on("data", (chunk: Buffer) => {
      this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk]);
      const answer = readAnswer(this.#received);
      if (answer === undefined) return;
      this.#received = this.#received.subarray(answer.length);
      this.#answered?.(answer.status);
    });
    socket.on("error", (error) => this.#failed?.(error));
    socket.on("close", () => this.#failed?.(new Error("The server closed the connection.")));
  }

  exchange(request: Buffer): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#answered = resolve;
      this.#failed = reject;
      this.#socket.write(request);
    });
  }

  close(): void {
    this.#failed = undefined;
    this.#socket.destroy();
  }
}

async function run(order: LoadOrder): Promise<LoadReport> {
  const { host, port, path, bodies, rate } = order;
  const requests = bodies.map((body) =>
    Buffer.concat([
      Buffer.from(
        `POST ${path} HTTP/1.1\r\nHost: ${host}:${port}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`,
      ),
      body,
    ]),
  );
  const connections = await Promise.all(
    Array.from({ length: order.connections }, () => open(host, port)),
  );
  const latencies: number[] = [];
  const statuses: Record<number, number> = {};
  const startedAt = performance.now();
  let next = 0;
  await Promise.all(
    connections.map(async (connection) => {
      for (let index = next++; index < requests.length; index = next++) {
        // With a rate, a request that finds no free connection is late, and that counts.
        const dueAt = rate === undefined ? performance.now() : startedAt + (index * 1_000) / rate;
        await until(dueAt);
        const request = requests[index];
        if (request === undefined) return;
        const status = await connection.exchange(request);
        statuses[status] = (statuses[status] ?? 0) + 1;
        latencies.push(performance.now() - dueAt);
      }
    }),
  );
  const seconds = (performance.now() - startedAt) / 1_000;
  for (const connection of connections) connection.close();
  return { seconds, latencies, statuses };
}

function open(host: string, port: number): Promise<Connection> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, host, () => resolve(new Connection(socket)));
    socket.once("error", reject);
  });
}

function until(time: number): Promise<void> | undefined {
  const pause = time - performance.now();
  return pause < 1 ? undefined : new Promise((resolve) => setTimeout(resolve, pause));
}

parentPort?.on("message", (order: LoadOrder) => {
  run(order).then(
    (report) => parentPort?.postMessage(report),
    (error: unknown) => {
      // Kills the thread, and so reaches whoever waits for it.
      throw error;
    },
  );
});
