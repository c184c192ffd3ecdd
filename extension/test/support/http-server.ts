/** A small HTTP server on this computer whose replies a test can lose, delay or replace. */
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { createProblem, PROBLEMS, type ProblemCode } from "@chit/protocol";

export interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly body: Uint8Array;
}

/** A reply: bytes, a problem, or pieces that come one after the other (the connection breaks where they throw). */
export type Reply = Uint8Array | { problem: ProblemCode } | AsyncIterable<Uint8Array>;

export class TestServer {
  origin = "";
  readonly received: Received[] = [];
  /** Called before a request is handled: "lose" handles it and drops the reply, "down" does neither. */
  fault: (request: Received) => "lose" | "down" | Reply | undefined = () => undefined;
  readonly #server: Server;

  constructor(handle: (request: Received) => Promise<Reply>) {
    this.#server = createServer(async (incoming, response) => {
      const pieces: Buffer[] = [];
      for await (const piece of incoming) pieces.push(piece as Buffer);
      const request: Received = {
        method: incoming.method ?? "",
        path: incoming.url ?? "",
        headers: incoming.headers,
        body: Uint8Array.from(Buffer.concat(pieces)),
      };
      response.setHeader("access-control-allow-origin", "*");
      this.received.push(request);
      const fault = this.fault(request);
      if (fault === "down") return void response.destroy();
      const isReply = fault !== undefined && fault !== "lose";
      const reply = isReply ? fault : await handle(request);
      if (fault === "lose") return void response.destroy();
      await send(response, reply);
    });
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    this.origin = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  bodiesTo(path: string): Uint8Array[] {
    return this.received.filter((one) => one.path === path).map(({ body }) => body);
  }
}

async function send(response: ServerResponse, reply: Reply): Promise<void> {
  if (reply instanceof Uint8Array) {
    response.writeHead(200, { "content-type": "application/json" });
    response.end(reply);
  } else if ("problem" in reply) {
    response.writeHead(PROBLEMS[reply.problem].status, {
      "content-type": "application/problem+json",
    });
    response.end(JSON.stringify(createProblem(reply.problem, "As the test wants it.")));
  } else {
    response.writeHead(200, { "content-type": "application/vnd.chit.goods" });
    try {
      for await (const piece of reply) {
        await new Promise<void>((resolve) => response.write(piece, () => resolve()));
      }
      response.end();
    } catch {
      response.destroy();
    }
  }
}
