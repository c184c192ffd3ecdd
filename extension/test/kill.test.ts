import { PAYMENTS_PATH, toBase64url } from "@chit/protocol";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readGoods } from "../src/goods-copy.ts";
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

let world: World;

beforeEach(async () => {
  world = await createWorld();
});
afterEach(() => world.stop());

/** The effects of a purchase from Pay to its end, in order. */
const EFFECTS = [
  "commit", // session-initiated
  "fetch /chit/session",
  "commit", // quote-authenticated
  "commit", // payment-requested, account pending
  "fetch /v1/payments",
  "commit", // paid, account advanced
  "fetch /chit/proof",
  "commit", // advised, goods-requested
  "fetch /chit/goods",
  "append goods",
  "verify goods",
  "commit", // complete
];

const points: KillPoint[] = EFFECTS.flatMap((_, index) => [
  { at: index + 1, when: "before" },
  { at: index + 1, when: "after" },
]);

/** Sets up account and quote in one life, then pays in another that is killed at `point`. */
async function payAndKill(point?: KillPoint) {
  const first = await world.start();
  await withAccount(world, first);
  const purchase = await offered(world, first);
  const doomed = await world.start(point);
  // The kill may come before the answer to Pay.
  await Promise.race([pay(doomed, purchase), dead(doomed)]);
  return { purchase, doomed };
}

async function dead(life: Life): Promise<void> {
  while (life.alive()) await new Promise((resolve) => setTimeout(resolve, 2));
}

test("the effects of a purchase are the ones that are killed below", async () => {
  const { purchase, doomed } = await payAndKill();
  await reached(doomed, purchase, "complete");
  expect(doomed.effects).toEqual(EFFECTS);
});

describe.each(points)("a wallet killed at effect $at, $when it", (point) => {
  test("threat 1: a killed wallet goes on from its disk: one debit, one request, the goods", async () => {
    const { purchase, doomed } = await payAndKill(point);
    await dead(doomed);
    const life = await world.start();
    await life.wallet.runner.idle();
    const resumed = await life.deps.store.purchase(purchase.purchaseId);
    // Without its PIN the request cannot be made: the shopper types it again. From then on no one is needed.
    if (resumed?.state === "quoted" || resumed?.state === "quote-authenticated") {
      if (resumed.state === "quote-authenticated") expect(resumed.waiting?.code).toBe("pin-needed");
      await pay(life, purchase);
    }
    await reached(life, purchase, "complete");
    expect(world.tps.payments).toBe(1);
    const bodies = world.tps.server.bodiesTo(PAYMENTS_PATH).map(toBase64url);
    expect(new Set(bodies).size).toBe(1);
    const copy = await readGoods(purchase.purchaseId, world.mts.goodsId);
    expect(new Uint8Array(await (copy as Blob).arrayBuffer())).toEqual(world.mts.goods);
  });
});

test("threat 1: a wallet killed while a request is pending resumes it before a new one is made", async () => {
  const { doomed } = await payAndKill({ at: 5, when: "before" });
  await dead(doomed);
  world.hold.pauses = true;
  world.tps.server.fault = ({ path }) => (path === PAYMENTS_PATH ? "down" : undefined);
  const life = await world.start();
  const second = await offered(world, life);
  await pay(life, second);
  await reached(life, second, "quote-authenticated", "account-busy");
  world.tps.server.fault = () => undefined;
  world.hold.pauses = false;
  await reached(life, second, "complete");
  expect(world.tps.payments).toBe(2);
});
