/** Goods that were bought are got again: from the shop, under a fresh session, by whoever has the purchase's token. */
import { toBase64url } from "@chit/protocol";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { purchaseToRecord } from "../src/cts/backup/convert.ts";
import { tidyGoods } from "../src/cts/tidy.ts";
import { purchaseView } from "../src/cts/views.ts";
import { readGoods } from "../src/goods-copy.ts";
import { backUp, restoreInto } from "./support/backup.ts";
import {
  createWorld,
  type KillPoint,
  type Life,
  offered,
  pay,
  reached,
  type World,
  withAccount,
} from "./support/world.ts";

const RECOVERY = "/chit/recovery";

let world: World;
let life: Life;

beforeEach(async () => {
  world = await createWorld();
  life = await world.start();
  await withAccount(world, life);
});
afterEach(() => world.stop());

/** A purchase that is complete; the wallet's copy of its goods was deleted. */
async function bought() {
  const purchase = await offered(world, life);
  await pay(life, purchase);
  const complete = await reached(life, purchase, "complete");
  await life.deps.goods.remove(purchase.purchaseId, world.mts.goodsId);
  return complete;
}

async function copyOf({ purchaseId }: { purchaseId: string }): Promise<Uint8Array | null> {
  const copy = await readGoods(purchaseId, world.mts.goodsId);
  return copy === null ? null : new Uint8Array(await copy.arrayBuffer());
}

const requests = () => world.mts.server.bodiesTo(RECOVERY).map(toBase64url);

async function failureOf(purchase: { purchaseId: string }) {
  await life.wallet.runner.idle();
  const current = await life.deps.store.purchase(purchase.purchaseId);
  if (current === undefined) throw new Error("The purchase is gone.");
  const { state, failure } = await purchaseView(life.deps, current);
  return [state, failure?.code];
}

describe("getting goods again", () => {
  test("brings the same bytes, also when the shop's first keys have expired", async () => {
    const purchase = await bought();
    world.mts.expired = true;
    expect(await copyOf(purchase)).toBeNull();
    await life.wallet.getAgain(purchase.purchaseId);
    const again = await reached(life, purchase, "complete");
    expect(await copyOf(purchase)).toEqual(world.mts.goods);
    expect(world.mts.redeliveries.size).toBe(1);
    expect(again.steps).toEqual(purchase.steps);
    expect(world.tps.payments).toBe(1);
  });

  test("as often as the copy is deleted, each time under another session", async () => {
    const purchase = await bought();
    for (const times of [1, 2, 3]) {
      await life.wallet.getAgain(purchase.purchaseId);
      await reached(life, purchase, "complete");
      expect(await copyOf(purchase)).toEqual(world.mts.goods);
      expect(world.mts.redeliveries.size).toBe(times);
      await life.deps.goods.remove(purchase.purchaseId, world.mts.goodsId);
    }
  });

  test("asks nobody when the copy is here, and nothing of a purchase under way", async () => {
    const purchase = await offered(world, life);
    await expect(life.wallet.getAgain(purchase.purchaseId)).rejects.toMatchObject({
      code: "wrong-state",
    });
    await pay(life, purchase);
    await reached(life, purchase, "complete");
    await life.wallet.getAgain(purchase.purchaseId);
    expect(requests()).toEqual([]);
  });

  test("checks what comes against the advice of the purchase", async () => {
    const purchase = await bought();
    world.mts.otherGoods = world.mts.goods.map((byte) => byte ^ 1);
    await life.wallet.getAgain(purchase.purchaseId);
    await reached(life, purchase, "goods-requested", "goods-damaged");
    expect(await copyOf(purchase)).toBeNull();
  });

  test.each([
    ["period-over", "redelivery-over"],
    ["too-often", "redelivery-too-often"],
    ["not-offered", "redelivery-not-offered"],
  ] as const)(
    "that the shop refuses for %s says so, and may be asked again",
    async (reason, code) => {
      const purchase = await bought();
      world.mts.refusal = reason;
      await life.wallet.getAgain(purchase.purchaseId);
      expect(await failureOf(purchase)).toEqual(["complete", code]);
      world.mts.refusal = null;
      await life.wallet.getAgain(purchase.purchaseId);
      expect(await failureOf(purchase)).toEqual(["complete", undefined]);
      expect(await copyOf(purchase)).toEqual(world.mts.goods);
    },
  );

  test("from a shop that is silent ends after a few tries, all with the identical bytes", async () => {
    const purchase = await bought();
    world.mts.server.fault = ({ path }) => (path === RECOVERY ? "down" : undefined);
    await life.wallet.getAgain(purchase.purchaseId);
    expect(await failureOf(purchase)).toEqual(["complete", "redelivery-unanswered"]);
    expect(requests()).toHaveLength(3);
    expect(new Set(requests()).size).toBe(1);
  });

  test("survives a lost acknowledgment: the identical bytes again, one redelivery", async () => {
    const purchase = await bought();
    let lost = 0;
    world.mts.server.fault = ({ path }) => (path === RECOVERY && lost++ === 0 ? "lose" : undefined);
    await life.wallet.getAgain(purchase.purchaseId);
    expect(await failureOf(purchase)).toEqual(["complete", undefined]);
    expect(new Set(requests()).size).toBe(1);
    expect(world.mts.redeliveries.size).toBe(1);
  });

  test("believes no problem and no acknowledgment that the shop did not seal", async () => {
    const purchase = await bought();
    const earlier: Uint8Array[] = [];
    world.mts.server.fault = ({ path }) =>
      path === RECOVERY ? (earlier[0] ?? { problem: "transaction-unknown" }) : undefined;
    await life.wallet.getAgain(purchase.purchaseId);
    expect(await failureOf(purchase)).toEqual(["complete", "redelivery-refused"]);
    earlier.push(
      new TextEncoder().encode(JSON.stringify({ nonce: "A".repeat(22), ciphertext: "" })),
    );
    await life.wallet.getAgain(purchase.purchaseId);
    expect(await failureOf(purchase)).toEqual(["complete", "redelivery-refused"]);
    expect(await copyOf(purchase)).toBeNull();
  });

  test("sends for nothing at another origin than the shop's", async () => {
    const purchase = await bought();
    world.mts.goodsOrigin = "https://elsewhere.example";
    await life.wallet.getAgain(purchase.purchaseId);
    expect(await failureOf(purchase)).toEqual(["complete", "redelivery-refused"]);
  });

  test("from a shop whose fresh keys are over at once asks it once, not for ever", async () => {
    const purchase = await bought();
    world.mts.expired = "fresh";
    world.hold.pauses = true;
    await life.wallet.getAgain(purchase.purchaseId);
    await reached(life, purchase, "goods-requested", "shop-refused");
    expect(requests()).toHaveLength(1);
  });

  test("after a fresh session's day is over, asks for another by itself", async () => {
    const purchase = await bought();
    world.mts.server.fault = ({ path }) => (path === "/chit/goods" ? "down" : undefined);
    world.hold.pauses = true;
    await life.wallet.getAgain(purchase.purchaseId);
    await reached(life, purchase, "goods-requested", "waiting-for-goods");
    world.mts.expired = true;
    world.mts.redeliveries.forEach((_, request) => {
      world.mts.stale.add(request);
    });
    world.clock.now += 86_401;
    world.mts.server.fault = () => undefined;
    world.hold.pauses = false;
    await reached(life, purchase, "complete");
    expect(await copyOf(purchase)).toEqual(world.mts.goods);
    expect(world.mts.redeliveries.size).toBe(2);
  });

  test("keeps the new copy for a day where none is to be kept", async () => {
    const purchase = await bought();
    await life.deps.store.putSettings({ keepGoods: false, openWindow: true });
    world.clock.now += 10 * 86_400;
    await life.wallet.getAgain(purchase.purchaseId);
    await life.wallet.runner.idle();
    await tidyGoods(life.deps);
    expect(await copyOf(purchase)).toEqual(world.mts.goods);
    world.clock.now += 86_401;
    await tidyGoods(life.deps);
    expect(await copyOf(purchase)).toBeNull();
  });
});

test("goods that were on their way when the shop's keys expired are asked for by the wallet itself", async () => {
  world.mts.server.fault = ({ path }) => (path === "/chit/goods" ? "down" : undefined);
  world.hold.pauses = true;
  const purchase = await offered(world, life);
  await pay(life, purchase);
  await reached(life, purchase, "goods-requested", "waiting-for-goods");
  world.mts.expired = true;
  world.mts.server.fault = () => undefined;
  world.hold.pauses = false;
  await reached(life, purchase, "complete");
  expect(await copyOf(purchase)).toEqual(world.mts.goods);
  expect(world.mts.redeliveries.size).toBe(1);
});

/** The effects of getting goods again. */
const EFFECTS = [
  "commit", // recovering
  "fetch /chit/recovery",
  "commit", // goods-requested
  "fetch /chit/goods",
  "append goods",
  "verify goods",
  "commit", // complete
];
const points: KillPoint[] = EFFECTS.flatMap((_, index) => [
  { at: index + 1, when: "before" },
  { at: index + 1, when: "after" },
]);

test("the effects of getting goods again are the ones that are killed below", async () => {
  const purchase = await bought();
  const next = await world.start();
  await next.wallet.getAgain(purchase.purchaseId);
  await reached(next, purchase, "complete");
  await next.wallet.runner.idle();
  expect(next.effects).toEqual(EFFECTS);
});

test.each(points)("killed at effect $at, $when it: one redelivery, the goods", async (point) => {
  const purchase = await bought();
  const doomed = await world.start(point);
  const dead = async () => {
    while (doomed.alive()) await new Promise((resolve) => setTimeout(resolve, 2));
  };
  await Promise.race([doomed.wallet.getAgain(purchase.purchaseId), dead()]);
  await dead();
  life = await world.start();
  await life.wallet.runner.idle();
  // Killed before it was written down, nobody has asked yet.
  await life.wallet.getAgain(purchase.purchaseId);
  await reached(life, purchase, "complete");
  await life.wallet.runner.idle();
  expect(await copyOf(purchase)).toEqual(world.mts.goods);
  expect(world.mts.redeliveries.size).toBe(1);
});

describe("on another computer, from a backup without the goods", () => {
  test("the goods are got by the token alone, without an account that can pay", async () => {
    const purchase = await bought();
    const file = await backUp(life);
    life.kill();
    globalThis.indexedDB = new IDBFactory();
    life = await world.start();
    await restoreInto(life, file);
    world.mts.expired = true;
    await life.wallet.getAgain(purchase.purchaseId);
    await reached(life, purchase, "complete");
    expect(await copyOf(purchase)).toEqual(world.mts.goods);
    expect(await life.deps.store.accounts()).toEqual([]);
  });

  test("what is under way when the backup is made is wished for anew there", async () => {
    const purchase = await bought();
    world.mts.server.fault = ({ path }) => (path === RECOVERY ? "down" : undefined);
    world.hold.pauses = true;
    await life.wallet.getAgain(purchase.purchaseId);
    const recovering = await reached(life, purchase, "recovering");
    const { responseSecret } = recovering.recovery;
    const record = purchaseToRecord(recovering);
    expect(record).toMatchObject({ state: "complete" });
    expect(JSON.stringify(record)).not.toContain(toBase64url(responseSecret));
    world.hold.pauses = false;
    world.mts.server.fault = () => undefined;
    await reached(life, purchase, "complete");
  });
});
