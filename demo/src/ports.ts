/** Ports: friendly ones where they are free, and the same ones again when data were kept. */
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { type AddressInfo, createServer as createSocketServer } from "node:net";
import * as v from "valibot";

const port = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65_535));

/** Who listens where. The issuer's and the shop's are part of keys and certificates. */
export const portsSchema = v.strictObject({
  tps: port,
  shop: port,
  handset: port,
  start: port,
  vru: port,
});
export type Ports = v.InferOutput<typeof portsSchema>;

const FRIENDLY: Ports = { tps: 8420, shop: 8421, handset: 8422, start: 8423, vru: 8424 };

/** Five different ports that are free now. */
export async function choosePorts(): Promise<Ports> {
  const entries: [string, number][] = [];
  for (const [name, friendly] of Object.entries(FRIENDLY)) {
    entries.push([name, (await isFree(friendly)) ? friendly : await anyFree()]);
  }
  return v.parse(portsSchema, Object.fromEntries(entries));
}

/**
 * Refuses to go on where a port of kept data is taken: everything in them names it.
 *
 * @throws {Error}
 */
export async function checkPorts(ports: Ports): Promise<void> {
  for (const [name, number] of Object.entries(ports)) {
    if (await isFree(number)) continue;
    throw new Error(
      `Port ${number} (${name}) is taken, and the data of --data were made with it. Is another demo running on them? Stop what listens there, or take another directory.`,
    );
  }
}

/** Listens on this computer only. */
export async function listen(app: Parameters<typeof createServer>[1], on: number): Promise<Server> {
  const server = createServer(app);
  server.listen(on, "127.0.0.1");
  await once(server, "listening");
  return server;
}

/** Ends a server and its connections. */
export function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

async function anyFree(): Promise<number> {
  const probe = createSocketServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port: found } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return found;
}

async function isFree(candidate: number): Promise<boolean> {
  const probe = createSocketServer();
  try {
    probe.listen(candidate, "127.0.0.1");
    await once(probe, "listening");
    return true;
  } catch {
    return false;
  } finally {
    await new Promise((resolve) => probe.close(resolve));
  }
}
