/** Shops that recognise the wallet's owner: none by default, each by a name of its own, and none after it was stopped. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { loyaltyChoice, loyaltyViews, mergedLoyalty, stopLoyalty } from "../src/cts/loyalty.ts";
import { backUp, newComputer, restoreInto } from "./support/backup.ts";
import {
  createWorld,
  type Life,
  offered,
  PIN,
  pay,
  reached,
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

/** Buys from the shop, or from another one, and gives what the shop is told. */
async function told(recognise: boolean, asks = true): Promise<string | null> {
  const url = world.mts.offer({ loyalty: asks });
  const purchase = await offered(world, life, url);
  await pay(life, purchase, PIN, recognise);
  await reached(life, purchase, "complete");
  return world.mts.sale(url).loyalty;
}
/** Another merchant behind the same server. */
async function anotherShop(): Promise<void> {
  world.mts.merchantId = world.tps.id();
  await world.mts.certify();
}

describe("a shop", () => {
  test("is told nothing unless the box was ticked, nor where it does not ask", async () => {
    expect(await told(false)).toBeNull();
    expect(await told(true, false)).toBeNull();
    expect(await life.deps.store.loyalties()).toEqual([]);
  });

  test("has a box that is not ticked until the shopper ticks it, and none where it does not ask", async () => {
    const asking = { merchantId: world.mts.merchantId, loyalty: true };
    expect(await loyaltyChoice(life.deps, asking)).toBe(false);
    await told(false);
    expect(await loyaltyChoice(life.deps, asking)).toBe(false);
    expect(await loyaltyChoice(life.deps, { ...asking, loyalty: false })).toBeNull();
    await told(true);
    expect(await loyaltyChoice(life.deps, asking)).toBe(true);
    await anotherShop();
    expect(await loyaltyChoice(life.deps, { ...world.mts, loyalty: true })).toBe(false);
  });

  test("sees one name again and again, and another shop another", async () => {
    const name = await told(true);
    expect(name).toMatch(/^[\w-]{22}$/);
    expect(await told(true)).toBe(name);
    await anotherShop();
    expect(await told(true)).not.toBe(name);
    const secrets = (await life.deps.store.loyalties()).map(({ secret }) => secret.join());
    expect(new Set(secrets).size).toBe(2);
    expect((await loyaltyViews(life.deps)).map(({ pseudonym }) => pseudonym)).toContain(name);
  });

  test("is not told when the box is unticked, and knows the same name when it is ticked again", async () => {
    const name = await told(true);
    expect(await told(false)).toBeNull();
    const asking = { merchantId: world.mts.merchantId, loyalty: true };
    expect(await loyaltyChoice(life.deps, asking)).toBe(false);
    expect(await told(true)).toBe(name);
    expect(await loyaltyChoice(life.deps, asking)).toBe(true);
  });

  test("that was stopped sees another name ever after, and is listed no more", async () => {
    const names = [await told(true)];
    for (const _ of [1, 2, 3]) {
      await stopLoyalty(life.deps, world.mts.merchantId);
      expect(await loyaltyViews(life.deps)).toEqual([]);
      expect(await told(false)).toBeNull();
      names.push(await told(true));
    }
    expect(new Set(names).size).toBe(4);
  });
});

describe("a restored wallet", () => {
  test("is recognised again", async () => {
    const name = await told(true);
    const file = await backUp(life);
    life = await newComputer(world);
    await restoreInto(life, file);
    expect(await loyaltyViews(life.deps)).toMatchObject([{ pseudonym: name, on: true }]);
  });

  test("does not bring back what was stopped here since", async () => {
    await told(true);
    const file = await backUp(life);
    await stopLoyalty(life.deps, world.mts.merchantId);
    await restoreInto(life, file);
    expect(await loyaltyViews(life.deps)).toEqual([]);
    expect(await loyaltyChoice(life.deps, { ...world.mts, loyalty: true })).toBe(false);
  });

  test("keeps its own name for a shop that both know, unless the other's was stopped later", async () => {
    await told(true);
    const [here] = await life.deps.store.loyalties();
    if (here === undefined) throw new Error("Nothing was kept.");
    expect(mergedLoyalty({ ...here, secret: new Uint8Array(32) }, here)).toBeNull();
    const stopped = { ...here, epoch: 1, on: false, told: null };
    expect(mergedLoyalty(stopped, here)).toBe(stopped);
    expect(mergedLoyalty(here, stopped)).toBeNull();
  });
});
