/** What a program sends and receives with `fetch`, counted at its sockets. */
import { subscribe } from "node:diagnostics_channel";
import { Socket } from "node:net";
import * as v from "valibot";

/** Counted: bytes of HTTP on TCP, without TLS and without the headers of TCP and IP. */
export interface Wire {
  readonly requests: number;
  readonly connections: number;
  readonly sentBytes: number;
  readonly receivedBytes: number;
}

const connectedSchema = v.looseObject({ socket: v.instance(Socket) });

/**
 * Counts from now on, by the channels on which Node's own `fetch` tells of its work. Make one, before the first request.
 *
 * @returns tells what was counted so far
 */
export function countWire(): () => Wire {
  const sockets: Socket[] = [];
  let requests = 0;
  subscribe("undici:client:connected", (message) => {
    sockets.push(v.parse(connectedSchema, message).socket);
  });
  subscribe("undici:request:create", () => {
    requests += 1;
  });
  return () => ({
    requests,
    connections: sockets.length,
    sentBytes: sockets.reduce((sum, { bytesWritten }) => sum + bytesWritten, 0),
    receivedBytes: sockets.reduce((sum, { bytesRead }) => sum + bytesRead, 0),
  });
}
