import {
  addModifiers,
  createVerdict,
  decodeQuote,
  decodeRequestForPayment,
  modifyPin,
  openRequestForPayment,
  PAYMENTS_PATH,
  toBase64url,
  verifyPinTag,
} from "@chit/protocol";
import { nodeSigner } from "@chit/protocol/node";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openWalletDatabase, WALLET_DATABASE } from "../src/background/idb-store.ts";
import { GOODS_DATABASE, readGoods } from "../src/goods-copy.ts";
import {
  createWorld,
  type Life,
  offered,
  PIN,
  pay,
  reached,
  seededBytes,
  type World,
  withAccount,
} from "./support/world.ts";

let world: World;
let life: Life;

beforeEach(async () => {
  world = await createWorld();
  life = await world.start();
  await withAccount(world, life);
});
afterEach(() => world.stop());

/** Every value of every record of both databases, with the path to it. */
async function everythingStored(): Promise<Map<string, unknown>> {
  const found = new Map<string, unknown>();
  const walk = (path: string, value: unknown): void => {
    found.set(path, value);
    if (value instanceof Uint8Array || value === null || typeof value !== "object") return;
    for (const [key, inner] of Object.entries(value)) walk(`${path}.${key}`, inner);
  };
  for (const name of [WALLET_DATABASE, GOODS_DATABASE]) {
    const database = await openRaw(name);
    for (const store of database.objectStoreNames) {
      const records = await all(database.transaction(store).objectStore(store).getAll());
      for (const [index, record] of records.entries()) walk(`${name}/${store}[${index}]`, record);
    }
    database.close();
  }
  return found;
}

const openRaw = (name: string) => all(indexedDB.open(name));
function all<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

async function pending() {
  world.hold.pauses = true;
  world.tps.server.fault = ({ path }) => (path === PAYMENTS_PATH ? "lose" : undefined);
  const purchase = await offered(world, life);
  await pay(life, purchase);
  return reached(life, purchase, "payment-requested", "checking-payment");
}

test("the PIN is nowhere on the disk, in no form, before, while and after it pays", async () => {
  const canaries = [PIN, Buffer.from(PIN).toString("base64url"), Buffer.from(PIN).toString("hex")];
  const look = async () => {
    for (const [path, value] of await everythingStored()) {
      const text =
        value instanceof Uint8Array ? Buffer.from(value).toString("latin1") : String(value);
      for (const canary of canaries) expect(text.includes(canary), path).toBe(false);
    }
  };
  const purchase = await pending();
  await look();
  world.tps.server.fault = () => undefined;
  life.wallet.runner.poke(purchase.purchaseId);
  await reached(life, purchase, "complete");
  await look();
});

test("a pending request keeps exactly what recovers the answer", async () => {
  const { request } = await pending();
  expect(Object.keys(request).sort()).toEqual([
    "body",
    "component",
    "count",
    "enc",
    "pinGeneration",
    "requestHash",
    "responseSecret",
    "sealingKeyId",
  ]);
});

test("threat 9: no stored value tests a guessed PIN: neither modified PIN, nor tag, nor its binding is there", async () => {
  const { request } = await pending();
  const stored = await everythingStored();
  const body = world.tps.server.bodiesTo(PAYMENTS_PATH)[0] as Uint8Array;
  const opened = await openRequestForPayment(
    world.tps.crypto,
    world.tps.sealing,
    decodeRequestForPayment(body),
  );
  const [account] = await life.deps.store.accounts();
  const modified = modifyPin(PIN, account?.modifier as Uint8Array);
  // With binding and tag a guess is testable: the right PIN verifies, so the comparison below means something.
  expect(verifyPinTag(opened.pinTag, modified, opened.tagInput)).toBe(true);
  if (!("component" in request)) throw new Error("The request is of this device.");
  const secrets = {
    modified,
    nextModified: addModifiers(modified, request.component),
    tag: opened.pinTag,
    binding: opened.tagInput.binding,
  };
  for (const [path, value] of stored) {
    for (const [name, secret] of Object.entries(secrets)) {
      const where = `${name} at ${path}`;
      if (value instanceof Uint8Array) {
        expect(Buffer.from(value).includes(Buffer.from(secret)), where).toBe(false);
      } else {
        expect(String(value).includes(toBase64url(secret)), where).toBe(false);
      }
    }
  }
});

test("threat 9: a thief who tries every PIN with any two stored values as binding and tag finds none", async () => {
  await pending();
  const [account] = await life.deps.store.accounts();
  const body = world.tps.server.bodiesTo(PAYMENTS_PATH)[0] as Uint8Array;
  const { tagInput } = await openRequestForPayment(
    world.tps.crypto,
    world.tps.sealing,
    decodeRequestForPayment(body),
  );
  const values = [...(await everythingStored()).values()].filter(
    (value): value is Uint8Array => value instanceof Uint8Array && value.length === 32,
  );
  expect(values.length).toBeGreaterThan(8);
  // The real PIN among the guesses is the thief's best case: with anything stored it still does not verify.
  for (const guess of [PIN, "000000", "123456"]) {
    const modified = modifyPin(guess, account?.modifier as Uint8Array);
    for (const binding of values) {
      for (const tag of values) {
        expect(verifyPinTag(tag, modified, { ...tagInput, binding })).toBe(false);
      }
    }
  }
});

test("a request for money that is under way keeps exactly what sends it again and opens the answer", async () => {
  const purchase = await offered(world, life);
  await pay(life, purchase);
  await reached(life, purchase, "complete");
  world.hold.pauses = true;
  world.mts.server.fault = ({ path }) => (path === "/chit/recovery" ? "lose" : undefined);
  const wish = { reason: "other", text: null, amount: null } as const;
  await life.wallet.refunds.ask(purchase.purchaseId, wish);
  const refund = await life.deps.store.refund(purchase.purchaseId);
  expect(Object.keys(refund?.request ?? {}).sort()).toEqual(["body", "enc", "responseSecret"]);
  world.mts.server.fault = () => undefined;
  world.hold.pauses = false;
  await life.wallet.refunds.idle();
  expect((await life.deps.store.refund(purchase.purchaseId))?.request).toBeNull();
});

test("the device's private key cannot be read from the disk", async () => {
  const database = await openWalletDatabase();
  const [key] = await database.getAll("deviceKeys");
  database.close();
  expect(key?.privateKey.extractable).toBe(false);
  await expect(crypto.subtle.exportKey("pkcs8", key?.privateKey as CryptoKey)).rejects.toThrow();
});

test("threat 10: a purchase that was made paid on the disk, with a proof by another key, is given nothing", async () => {
  world.hold.pauses = true;
  world.tps.server.fault = ({ path }) => (path === PAYMENTS_PATH ? "down" : undefined);
  const purchase = await offered(world, life);
  await pay(life, purchase);
  const pending = await reached(life, purchase, "payment-requested", "checking-payment");
  const { request: _, ...rest } = pending;
  const order = {
    ...decodeQuote(rest.quote),
    quoteHash: rest.quoteHash,
    issuer: world.tps.server.origin,
  };
  // In everything as the TPS would make it, but for its private key.
  const forger = { ...nodeSigner(seededBytes("forger")(32)), kid: world.tps.signer.kid };
  const paymentId = toBase64url(seededBytes("payment")(16));
  const proof = await createVerdict(forger, "proof", order, paymentId, world.clock.now);
  const database = await openWalletDatabase();
  await database.put("purchases", { ...rest, state: "paid", proof, waiting: null });
  database.close();
  const next = await world.start();
  await reached(next, purchase, "paid", "shop-refused");
  expect(world.mts.sale(rest.quoteUrl).paid).toBe(false);
  expect(world.tps.payments).toBe(0);
  expect(await readGoods(purchase.purchaseId, world.mts.goodsId)).toBeNull();
});

test("a declined purchase leaves no session keys behind", async () => {
  const purchase = await offered(world, life);
  await life.wallet.decline(purchase.purchaseId);
  const stored = await life.deps.store.purchase(purchase.purchaseId);
  expect(stored && "session" in stored).toBe(false);
});

test("a record that was changed on the disk is refused, not used", async () => {
  const database = await openWalletDatabase();
  const [account] = await database.getAll("accounts");
  // biome-ignore lint/suspicious/noExplicitAny: the point is a value of the wrong type.
  await database.put("accounts", { ...account, count: -1 } as any);
  database.close();
  await expect(life.deps.store.accounts()).rejects.toMatchObject({ code: "malformed-message" });
});
