import {
  decodeLogEntryAnswer,
  leafHash,
  logEntry,
  logEntryPath,
  readProblem,
  TILE_WIDTH,
  type Tile,
  tiledTree,
  tilePath,
  verifyCheckpoint,
  verifyConsistency,
  verifyInclusion,
} from "@chit/protocol";
import type { FastifyInstance } from "fastify";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createApp } from "../../src/app.ts";
import { createLog } from "../../src/http/log.ts";
import { createWallet, type Wallet } from "../support/wallet.ts";
import { createWorld, random, type World } from "../support/world.ts";
import { append, payAndCollect, payInBulk } from "./support.ts";

let world: World;
let wallet: Wallet;
let app: FastifyInstance;
let origin: string;
let proof: string;
beforeAll(async () => {
  world = await createWorld();
  wallet = await createWallet(world);
  app = createApp(world.deps, createLog("silent"));
  origin = await app.listen({ host: "127.0.0.1", port: 0 });
  [proof = ""] = await payAndCollect(wallet, 1);
});
afterAll(async () => {
  await app.close();
  await world.close();
});

const get = (path: string) => fetch(`${origin}/log/${path}`);
const bytesOf = async (response: Response) => new Uint8Array(await response.arrayBuffer());
const readTile = async (tile: Tile) => bytesOf(await get(tilePath({ ...tile, of: "hashes" })));
const checkpoint = async () =>
  verifyCheckpoint(world.deps.crypto, world.keyList(), await (await get("checkpoint")).text());
const place = async (text: string) =>
  decodeLogEntryAnswer(await bytesOf(await fetch(origin + logEntryPath(logEntry(text)))));

describe("the log over HTTP", () => {
  test("before its first checkpoint there is nothing, and a proof is awaited", async () => {
    const response = await get("checkpoint");
    expect([response.status, readProblem(await bytesOf(response))?.code]).toEqual([
      404,
      "not-found",
    ]);
    expect(await place(proof)).toMatchObject({ type: "log-entry-awaited", seconds: 60 });
    await append(world);
    expect(await place(proof)).toEqual({ v: 1, type: "log-entry", index: 0 });
  });

  test("anybody computes roots, inclusion and consistency from its tiles, whatever its size", async () => {
    let before = await checkpoint();
    for (const more of [1, 253, 1, 1, 299, 800]) {
      await payInBulk(wallet, more);
      await append(world);
      const now = await checkpoint();
      expect(now.size).toBe(before.size + more);
      const tree = tiledTree(now.size, readTile);
      expect(await tree.root()).toEqual(now.root);
      const path = await tree.consistencyProof(before.size);
      const grown = {
        oldSize: before.size,
        oldRoot: before.root,
        newSize: now.size,
        newRoot: now.root,
      };
      expect(verifyConsistency(grown, path)).toBe(true);
      const leaf = leafHash(logEntry(proof));
      expect(verifyInclusion({ ...now, leaf, index: 0 }, await tree.inclusionProof(0))).toBe(true);
      before = now;
    }
  });

  test("full and partial tiles are there, as wide as asked for, and only as far as was published", async () => {
    const { size } = await checkpoint();
    expect(size).toBe(1_356);
    for (const [path, length] of [
      ["tile/0/000", 256 * 32],
      ["tile/0/005.p/76", 76 * 32],
      ["tile/0/005.p/1", 32],
      ["tile/0/004.p/17", 17 * 32],
      ["tile/1/000.p/5", 5 * 32],
      ["tile/entries/000", 256 * 34],
      ["tile/entries/005.p/76", 76 * 34],
    ] as const) {
      const response = await get(path);
      expect([path, response.status]).toEqual([path, 200]);
      expect((await bytesOf(response)).length, path).toBe(length);
    }
    for (const path of [
      "tile/0/005",
      "tile/0/005.p/77",
      "tile/1/000",
      "tile/1/000.p/6",
      "tile/2/000.p/1",
      "tile/0/006.p/1",
      "tile/entries/005",
      "tile/0/5",
      "tile/0/x000/000",
      "tile/0/000.p/256",
      "tile/64/000",
      "tile/0/checkpoint",
      `tile/0/${"9".repeat(400)}`,
      "tile/",
    ]) {
      const response = await get(path);
      expect([path, response.status]).toEqual([path, 404]);
    }
  });

  test("a bundle's entries are what the leaves of its tile are hashes of", async () => {
    const bundle = await bytesOf(await get("tile/entries/000"));
    const tile = await bytesOf(await get("tile/0/000"));
    for (let index = 0; index < TILE_WIDTH; index++) {
      const [high, low, ...entry] = bundle.subarray(index * 34, (index + 1) * 34);
      expect([high, low, entry.length]).toEqual([0, 32, 32]);
      const hash = tile.subarray(index * 32, (index + 1) * 32);
      expect(leafHash(Uint8Array.from(entry))).toEqual(Uint8Array.from(hash));
    }
  });

  test("what cannot change is kept by caches, what can is not; any page may read it", async () => {
    const headers = async (path: string) => {
      const response = await get(path);
      return ["content-type", "cache-control", "access-control-allow-origin"].map((name) =>
        response.headers.get(name),
      );
    };
    const forEver = "public, max-age=31536000, immutable";
    expect(await headers("checkpoint")).toEqual([
      "text/plain; charset=utf-8",
      "public, max-age=2",
      "*",
    ]);
    const octets = "application/octet-stream";
    expect(await headers("tile/0/000")).toEqual([octets, forEver, "*"]);
    expect(await headers("tile/entries/005.p/76")).toEqual([octets, forEver, "*"]);
    const entry = logEntryPath(logEntry(proof)).slice("/log/".length);
    expect(await headers(entry)).toEqual(["application/json", forEver, "*"]);
    const unknown = logEntryPath(random(32)).slice("/log/".length);
    expect(await headers(unknown)).toEqual(["application/json", "no-store", "*"]);
    expect((await headers("tile/0/005"))[1]).toBe("no-store");
  });

  test("no entry is looked up by anything but its hash", async () => {
    for (const wrong of ["AA", "A".repeat(42), "A".repeat(44), "%00", "=".repeat(43)]) {
      const response = await get(`entries/${wrong}`);
      expect([wrong, response.status]).toEqual([wrong, 400]);
    }
  });
});
