/** The key list as a shop adopts it. */
import { nodeCrypto } from "@chit/protocol/node";
import { expect, test } from "vitest";
import { IssuerKeys } from "../src/mts/issuer-keys.ts";
import { memoryStore } from "../src/mts/memory-store.ts";
import { TestIssuer } from "./world.ts";

test("of two key lists that are adopted at once the newer one stays, whichever is written last", async () => {
  const now = 1_800_000_000;
  const issuer = new TestIssuer(now);
  const list = (sequence: number) => {
    issuer.sequence = sequence;
    return issuer.keyList();
  };
  const [first, second, third] = [await list(1), await list(2), await list(3)];
  const held = Promise.withResolvers<void>();
  const memory = memoryStore();
  const store = {
    ...memory,
    async saveKeyList(name: string, sequence: number, document: string) {
      if (sequence === 2) await held.promise;
      await memory.saveKeyList(name, sequence, document);
    },
  };
  const logger = { info: () => {}, warn: () => {}, error: () => {} };
  const crypto = nodeCrypto((length) => new Uint8Array(length));
  const deps = { store, clock: () => now, crypto, fetch, logger };
  const keys = new IssuerKeys(deps, "http://tps.localhost:9999", issuer.root.publicKey, first);
  // The shop is running: what the store knew was read.
  expect((await keys.current()).sequence).toBe(1);
  const slow = keys.adopt(second);
  await keys.adopt(third);
  held.resolve();
  await slow;
  expect((await keys.current()).sequence).toBe(3);
});
