/** Backups that somebody else made: whoever chose the passphrase can write anything into the file. */
import { PAYMENTS_PATH, parseValue } from "@chit/protocol";
import { IDBFactory } from "fake-indexeddb";
import { afterEach, beforeEach, expect, test } from "vitest";
import { purchaseFromRecord, purchaseToRecord } from "../../src/cts/backup/convert.ts";
import { type StoredRecordJson, storedRecordSchema } from "../../src/cts/backup/records.ts";
import { restoreRecords } from "../../src/cts/backup/restore.ts";
import type { Purchase } from "../../src/cts/records.ts";
import { backUp, restoreInto } from "../support/backup.ts";
import {
  createWorld,
  type Life,
  offered,
  pay,
  reached,
  seededBytes,
  type World,
  withAccount,
} from "../support/world.ts";

let world: World;
beforeEach(async () => {
  world = await createWorld();
});
afterEach(() => world.stop());

/** A purchase whose session the shop has authenticated, as the wallet that began it would back it up. */
async function begun(by: Life): Promise<Extract<StoredRecordJson, { kind: "purchase" }>> {
  await withAccount(world, by);
  const purchase = await offered(world, by);
  await pay(by, purchase, "000000");
  await reached(by, purchase, "quote-authenticated", "wrong-pin");
  const stored = (await by.deps.store.purchase(purchase.purchaseId)) as Purchase;
  return purchaseToRecord(stored) as Extract<StoredRecordJson, { kind: "purchase" }>;
}

/** Another person's computer, with an account there. */
async function victim(): Promise<Life> {
  globalThis.indexedDB = new IDBFactory();
  const life = await world.start();
  // The TPS of the tests knows one device at a time.
  const fresh = { key: new Uint8Array(), modifiedPin: null, generation: 0, count: 0, last: null };
  Object.assign(world.tps.device, { deviceId: world.tps.id(), ...fresh });
  await withAccount(world, life);
  return life;
}

async function restore(life: Life, record: StoredRecordJson) {
  const results = await restoreRecords(life.deps, [parseValue(storedRecordSchema, record)]);
  await life.wallet.runner.resumeAll();
  return results;
}

const elsewhere = { shopOrigin: "https://trusted.example", quoteUrl: "https://trusted.example/q" };

test.each([
  ["under another shop's name", { shopName: "Trusted Shop" }],
  ["at another shop's origin", elsewhere],
])(
  "a purchase that a backup shows %s is not paid, though the PIN is typed",
  async (_how, forged) => {
    const record = { ...(await begun(await world.start())), ...forged };
    const life = await victim();
    const asked = world.tps.server.bodiesTo(PAYMENTS_PATH).length;
    await restore(life, record);
    const { purchaseId } = record;
    const shown = await reached(life, { purchaseId }, "quote-authenticated", "restored-unpaid");
    await expect(pay(life, shown)).rejects.toMatchObject({
      code: expect.stringMatching(/^(certificate-invalid|origin-not-certified)$/),
    });
    await life.wallet.runner.idle();
    expect(world.tps.server.bodiesTo(PAYMENTS_PATH)).toHaveLength(asked);
    expect(world.tps.payments).toBe(0);
  },
);

test("a purchase whose quote is not at its shop is damage", async () => {
  const record = await begun(await world.start());
  const { shopOrigin } = elsewhere;
  const moved = parseValue(storedRecordSchema, { ...record, shopOrigin });
  if (moved.kind !== "purchase") throw new Error("It was a purchase.");
  expect(() => purchaseFromRecord(moved)).toThrow("not at its shop");
});

test("a backup does not exchange the keys that an account's purchases rest on", async () => {
  const life = await world.start();
  const { accountKey } = await withAccount(world, life);
  const file = await backUp(life);
  globalThis.indexedDB = new IDBFactory();
  const next = await world.start();
  await restoreInto(next, file);
  const pinned = await next.deps.store.formerAccount(accountKey);
  if (pinned === undefined) throw new Error("The account was not restored.");
  const random = seededBytes("hostile");
  for (const forged of [
    { rootKey: random(32) },
    { issuer: "https://other.example" },
    { accountId: world.tps.id() },
  ]) {
    const account = { ...pinned, keyListSequence: 1_000, recoverySecret: random(16), ...forged };
    expect(await restoreRecords(next.deps, [{ kind: "account", ...account }])).toEqual(["kept"]);
    expect(await next.deps.store.formerAccount(accountKey)).toEqual(pinned);
  }
  const newer = { ...pinned, keyListSequence: 1_000 };
  await restoreRecords(next.deps, [{ kind: "account", ...newer }]);
  expect(await next.deps.store.formerAccount(accountKey)).toEqual(newer);
});
