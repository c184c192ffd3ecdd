/** The log of payments as anybody may read it (c2sp.org/tlog-tiles), and the look-up of an entry's place. */
import {
  CHECKPOINT_PATH,
  createLogEntryAnswer,
  entryBundle,
  fromBase64url,
  LOG_PATH,
  parseTilePath,
} from "@chit/protocol";
import type { FastifyInstance } from "fastify";
import type { TpsDeps } from "../deps.ts";
import { LIMITS } from "../limits.ts";
import { findEntry, hasTile, readEntries, readPublished, tileReader } from "../log/log-store.ts";
import { HttpProblem } from "./problem.ts";

/** What was published never changes: caches may keep it for a year. */
const FOR_EVER = "public, max-age=31536000, immutable";
/** The newest checkpoint: caches may spare the server a crowd, and no more. */
const SHORTLY = "public, max-age=2";

export function addLogRoutes(app: FastifyInstance, { database }: Pick<TpsDeps, "database">): void {
  app.get(CHECKPOINT_PATH, async (_request, reply) => {
    const published = await readPublished(database);
    if (published === undefined) throw notYet();
    return reply
      .headers({ "content-type": "text/plain; charset=utf-8", "cache-control": SHORTLY })
      .send(published.note);
  });
  app.get<{ Params: { "*": string } }>(`${LOG_PATH}/tile/*`, async (request, reply) => {
    const tile = parseTilePath(`tile/${request.params["*"]}`);
    const size = (await readPublished(database))?.size ?? 0;
    if (tile === undefined || !hasTile(size, tile)) throw notYet();
    const bytes =
      tile.of === "entries"
        ? entryBundle(await readEntries(database, tile))
        : await tileReader(database)(tile);
    return reply
      .headers({ "content-type": "application/octet-stream", "cache-control": FOR_EVER })
      .send(Buffer.from(bytes));
  });
  app.get<{ Params: { hash: string } }>(`${LOG_PATH}/entries/:hash`, async (request, reply) => {
    const entry = fromBase64url(request.params.hash);
    if (entry.length !== 32) throw new HttpProblem("malformed-message", "An entry has 32 bytes.");
    const size = (await readPublished(database))?.size ?? 0;
    const index = await findEntry(database, entry, size);
    return reply
      .headers({
        "content-type": "application/json",
        "cache-control": index === null ? "no-store" : FOR_EVER,
      })
      .send(Buffer.from(createLogEntryAnswer(index, LIMITS.logPatienceSeconds)));
  });
}

function notYet(): HttpProblem {
  return new HttpProblem("not-found", "The log has nothing there; fetch its checkpoint first.");
}
