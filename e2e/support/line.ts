/**
 * The network between the wallet and one server: an HTTP proxy that keeps every exchange as it travelled and can
 * lose, hold or cut what passes. Both ends are real; only the line is ours.
 */
import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { gate } from "./gate.ts";

type Headers = NodeJS.Dict<string | string[]>;

/** An answer as the server gave it. */
export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Buffer;
}

/** One request that reached the line, and its answer once there is one. */
export interface Exchange {
  readonly method: string;
  readonly path: string;
  readonly headers: Headers;
  /** Names and values by turns, in order and spelling of the wire. */
  readonly rawHeaders: readonly string[];
  readonly body: Buffer;
  /** Which of the line's connections it came on, counted from 1. */
  readonly connection: number;
  /** What the server answered, whether or not it was passed on. */
  reply: Reply | null;
}

/** An answer of which so many bytes are sent; then the connection breaks, or `when` the test says so. */
interface Broken {
  readonly reply: Reply;
  readonly brokenAfter: number;
  readonly when?: Promise<void>;
}

/** What becomes of an answer: passed on, lost (the connection breaks), or broken in the middle. */
export type Fate = Reply | "lost" | Broken;

/** Stands in the way. `pass` lets the request reach the server, at most once. */
export type Interference = (exchange: Exchange, pass: () => Promise<Reply>) => Promise<Fate>;

export interface Line {
  readonly port: number;
  /** In the order in which they arrived. */
  readonly exchanges: Exchange[];
  /** Those to one path (or below it, when it ends with a slash). */
  to(path: string): Exchange[];
  /** Where requests go on to; a server that was restarted listens elsewhere. */
  connect(address: string): void;
  interfere(how: Interference): void;
  /** Connections are refused, as by a machine that is off. */
  cut(): Promise<void>;
  mend(): Promise<void>;
  /** Undisturbed, and with nothing kept, for the next test. */
  reset(): Promise<void>;
  close(): Promise<void>;
}

export interface LineOptions {
  /** Connections stay open behind an answer, as real servers' do; else each carries one request. */
  readonly persistent?: boolean;
}

export async function openLine(options: LineOptions = {}): Promise<Line> {
  const exchanges: Exchange[] = [];
  const connections = new WeakMap<Socket, number>();
  let connected = 0;
  let target = "";
  let interference: Interference | null = null;

  const server = createServer((incoming, outgoing) => {
    carry(incoming, outgoing).catch(() => outgoing.destroy());
  });
  server.on("connection", (socket) => connections.set(socket, ++connected));
  const listen = (port: number) =>
    new Promise<void>((resolve, reject) => {
      server.once("error", reject).listen(port, "127.0.0.1", resolve);
    });
  const stop = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });

  async function carry(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const exchange: Exchange = {
      method: incoming.method ?? "",
      path: incoming.url ?? "",
      headers: incoming.headers,
      rawHeaders: incoming.rawHeaders,
      body: await readAll(incoming),
      connection: connections.get(incoming.socket) ?? 0,
      reply: null,
    };
    exchanges.push(exchange);
    const pass = async () => {
      exchange.reply = await forward(target, exchange);
      return exchange.reply;
    };
    const fate = await (interference === null ? pass() : interference(exchange, pass));
    if (fate === "lost") {
      outgoing.destroy();
      return;
    }
    const reply = "reply" in fate ? fate.reply : fate;
    // One connection a request, unless told: a browser sends again by itself what broke on an old connection.
    const connection = options.persistent ? "keep-alive" : "close";
    outgoing.writeHead(reply.status, { ...reply.headers, connection });
    if (!("reply" in fate)) {
      outgoing.end(reply.body);
      return;
    }
    const sent = gate();
    outgoing.write(reply.body.subarray(0, fate.brokenAfter), sent.open);
    await Promise.all([sent.opened, fate.when]);
    outgoing.destroy();
  }

  await listen(0);
  const { port } = server.address() as AddressInfo;
  return {
    port,
    exchanges,
    to: (path) =>
      exchanges.filter((one) =>
        path.endsWith("/") ? one.path.startsWith(path) : one.path === path,
      ),
    connect: (address) => {
      target = address;
    },
    interfere: (how) => {
      interference = how;
    },
    cut: stop,
    mend: () => listen(port),
    async reset() {
      interference = null;
      exchanges.length = 0;
      if (!server.listening) await listen(port);
    },
    close: stop,
  };
}

function forward(target: string, { method, path, headers, body }: Exchange): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const going = request(new URL(path, target), { method, headers }, (answer) => {
      readAll(answer).then((content) => {
        const { "transfer-encoding": _, ...kept } = answer.headers;
        resolve({ status: answer.statusCode ?? 0, headers: kept, body: content });
      }, reject);
    });
    going.on("error", reject);
    going.end(body);
  });
}

async function readAll(stream: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of stream) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}
