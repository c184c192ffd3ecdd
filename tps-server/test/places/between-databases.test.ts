/** What lies between the main database and its places: payments that commit late there, copies that came half the way. */
import { nodeOpeningKey } from "@chit/protocol/node";
import { afterAll, beforeAll, expect, test } from "vitest";
import { collectPayments } from "../../src/clearing/collect.ts";
import { LIMITS } from "../../src/limits.ts";
import { createPaymentPipeline } from "../../src/payment/pipeline.ts";
import { openPlaces, type Places } from "../../src/places/places.ts";
import { setPlaces } from "../../src/places/set-places.ts";
import { createTestDatabase, databaseUrl, type TestDatabase } from "../support/database.ts";
import { gated } from "../support/gate.ts";
import { auditFindings } from "../support/settlement.ts";
import { createWallet } from "../support/wallet.ts";
import { certifyMerchant, createWorld, id, random, type World } from "../support/world.ts";

let world: World;
let bases: TestDatabase[];
let places: Places;

beforeAll(async () => {
  world = await createWorld();
  bases = [await createTestDatabase(), await createTestDatabase()];
  const urls = bases.map(({ name }) => ({ url: databaseUrl(name) }));
  await setPlaces(world.deps, { places: urls }, () => undefined);
  const opened = await openPlaces(world.database, () => undefined);
  if (opened === undefined) throw new Error("There are no places.");
  places = opened;
}, 120_000);

afterAll(async () => {
  await places.close();
  await world.close();
  for (const base of bases) await base.drop();
}, 120_000);

test("a payment that commits late in its place is collected, after any time that its transaction was open", async () => {
  const [wallet, other] = [await createWallet(world), await createWallet(world)];
  const gate = gated(places.of(wallet.accountId));
  const request = await wallet.request({ amount: 1n });
  const paid = wallet.send(request, world.withDatabase(gate));
  await expect.poll(() => gate.batches.length).toBe(1);
  await expect
    .poll(() =>
      places
        .of(wallet.accountId)
        .query(
          "select 1 from pg_stat_activity where backend_xid is not null and state = 'idle in transaction' and datname = current_database()",
        ),
    )
    .toHaveLength(1);
  await world.database.query("select pg_sleep(2.1)");
  world.now += LIMITS.collectionOverlapSeconds + 2;
  await other.send(
    await other.request({ amount: 2n }),
    world.withDatabase(places.of(other.accountId)),
  );
  expect(await collectPayments(world.deps)).toBe(1);
  gate.open();
  await wallet.receive(request, await paid);
  expect(await collectPayments(world.deps)).toBe(1);
  expect(await auditFindings(world)).toEqual([]);
}, 120_000);

test("a row that came to a place and not to the main database is written again, as it is then", async () => {
  const [place] = places.all;
  const key = "a PIN key of a start that was killed";
  await place?.query("insert into pin_keys (key_id, state, since) values ($1, 'announced', 1)", [
    key,
  ]);
  await world.database.query(
    "insert into pin_keys (key_id, state, since) values ($1, 'announced', 2)",
    [key],
  );
  for (const database of places.all) {
    expect(await database.query("select since from pin_keys where key_id = $1", [key])).toEqual([
      { since: 2n },
    ]);
  }
  const { merchantId } = await certifyMerchant(world.deps);
  await place?.query("delete from certificates where merchant_id = $1", [merchantId]);
  await world.database.query("update certificates set revoked_at = 1 where merchant_id = $1", [
    merchantId,
  ]);
  for (const database of places.all) {
    expect(
      await database.query("select revoked_at from certificates where merchant_id = $1", [
        merchantId,
      ]),
    ).toEqual([{ revoked_at: 1n }]);
  }
}, 120_000);

test("requests that nobody can open leave room for others while the main database is silent", async () => {
  const wallet = await createWallet(world);
  const foreign = await nodeOpeningKey(world.deps.crypto, random(32));
  const tpsKey = { kid: foreign.keyId, publicKey: foreign.publicRaw };
  const unknown = await wallet.request({ tpsKey, transactionNumber: id() });
  const silent = {
    ...world.database,
    query: () => new Promise<never>(() => undefined),
  };
  const pipeline = createPaymentPipeline({ ...world.withDatabase(silent), places });
  let refused = 0;
  for (let sent = 0; sent < LIMITS.paymentsUnderWay; sent += 1) {
    pipeline.pay(unknown.body).catch((error: unknown) => {
      expect(error).toMatchObject({ code: "unavailable" });
      refused += 1;
    });
  }
  await expect.poll(() => refused).toBe(LIMITS.paymentsUnderWay - LIMITS.recallsUnderWay);
  const request = await wallet.request();
  const response = await wallet.receive(request, await pipeline.pay(request.body));
  expect(response.outcome).toBe("paid");
}, 120_000);
