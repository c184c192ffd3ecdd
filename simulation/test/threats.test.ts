/** Rows of the list of threats that take the whole system to show: each told step by step, then drawn from seeds. */
import { PAYMENTS_PATH, toBase64url } from "@chit/protocol";
import { afterEach, describe, expect, inject, test } from "vitest";
import { call, pressPay, visit } from "../src/act.ts";
import { intrude } from "../src/adversary.ts";
import { comeToRest, drain } from "../src/calm.ts";
import type { Fate } from "../src/effects.ts";
import { checkRules, readLedger } from "../src/rules.ts";
import { describeFinding, simulate } from "../src/simulate.ts";
import { type Computer, clone, createStage, type Stage } from "../src/stage.ts";
import { EVERYDAY, type Weights } from "../src/step.ts";

const url = inject("simulationPostgresUrl");
const PATIENCE = { timeout: 120_000 };
let stage: Stage;
afterEach(() => stage.close());

async function open(seed: string): Promise<Stage> {
  stage = await createStage(seed, url);
  return stage;
}

function computer(name: string): Computer {
  const found = stage.computers.find((one) => one.name === name);
  if (found === undefined) throw new Error(`There is no ${name}.`);
  return found;
}

/** Finds an offer and presses Pay; the wallet has done nothing yet. */
async function buy(who: Computer) {
  const offered = await visit(stage, who, 0, 2);
  if (offered === undefined) throw new Error("Nothing was offered.");
  await pressPay(stage, who, offered, false);
  return offered;
}

/** All goes well up to the effect of this name, which goes so. */
async function releaseUntil(name: string, fate: Fate = "done"): Promise<void> {
  for (;;) {
    const next = stage.effects.waiting[0];
    if (next === undefined) throw new Error(`Nobody wants ${name}.`);
    const found = next.name.endsWith(name);
    await stage.effects.release(next, found ? fate : "done");
    if (found) return;
  }
}

async function purchaseOf(who: Computer, { purchaseId }: { purchaseId: string }) {
  const purchase = await who.life?.deps.store.purchase(purchaseId);
  return { state: purchase?.state, waiting: purchase?.waiting?.code };
}

const proofs = async () =>
  (await readLedger(stage)).payments.filter(({ verdict }) => verdict === "proof").length;

const requests = () => stage.post.letters.filter(({ url: to }) => to.endsWith(PAYMENTS_PATH));

/** No course of the seed breaks a rule. */
async function holds(seed: string, weights: Partial<Weights>): Promise<void> {
  const options = { shortenSeconds: 30, onViolation: console.error };
  const finding = await simulate(url, seed, 80, {
    ...options,
    weights: { ...EVERYDAY, ...weights },
  });
  expect(finding === undefined ? "" : describeFinding(finding)).toBe("");
}

describe("threat 1: killed before the reply was read, the wallet sends the identical bytes: one debit", () => {
  const fates: Fate[] = ["killed-before", "killed-after", "lost-reply", "tps-dies-after-commit"];
  test("however it goes", PATIENCE, async () => {
    await open("threat 1");
    const alice = computer("alice-1");
    for (const [index, fate] of fates.entries()) {
      const before = requests().length;
      const purchase = await buy(alice);
      await releaseUntil(PAYMENTS_PATH, fate);
      await comeToRest(stage);
      const sent = requests().slice(before);
      const bodies = sent.map(({ body }) => toBase64url(body ?? new Uint8Array()));
      // The end pays once more on each of three computers; this purchase's bytes went twice at least.
      expect(bodies.filter((body) => body === bodies[0]).length).toBeGreaterThanOrEqual(2);
      expect(new Set(bodies).size).toBe(4);
      expect(await purchaseOf(alice, purchase)).toMatchObject({ state: "complete" });
      expect(await proofs()).toBe(4 * (index + 1));
    }
  });

  test("in a course of kills and losses", PATIENCE, async () => {
    await open("unused");
    await holds("1001", { kill: 12, "restart-tps": 4 });
  });
});

test(
  "a PIN set anew by telephone while a reply is lost: the payment is still fetched",
  PATIENCE,
  async () => {
    await open("PIN set anew");
    const alice = computer("alice-1");
    const purchase = await buy(alice);
    await releaseUntil(PAYMENTS_PATH, "lost-reply");
    await call(stage, alice);
    await drain(stage);
    expect(await purchaseOf(alice, purchase)).toMatchObject({ state: "complete" });
    expect(await proofs()).toBe(1);
    await comeToRest(stage);
  },
);

test(
  "threat 5: another quote at the same count is neither paid nor answered from the store",
  PATIENCE,
  async () => {
    await open("threat 5");
    const alice = computer("alice-1");
    const copy = await clone(stage, alice, true);
    const first = await buy(alice);
    await drain(stage);
    const second = await buy(copy);
    await drain(stage);
    expect(await purchaseOf(alice, first)).toEqual({ state: "complete", waiting: undefined });
    expect(await purchaseOf(copy, second)).toEqual({
      state: "quote-authenticated",
      waiting: "out-of-sequence",
    });
    const [one, other] = requests();
    expect(one?.answer?.body).not.toEqual(other?.answer?.body);
    expect(await proofs()).toBe(1);
    await checkRules(stage);
  },
);

describe("threat 8: after a cloned disk paid, the honest wallet is told so and nothing is debited by its stale request", () => {
  test("a telephone call brings it back, and the copy is dead", PATIENCE, async () => {
    await open("threat 8");
    const alice = computer("alice-1");
    const copy = await clone(stage, alice, true);
    await buy(copy);
    await drain(stage);
    expect(await proofs()).toBe(1);

    const refused = await buy(alice);
    await drain(stage);
    expect(await proofs()).toBe(1);
    const behind = { state: "quote-authenticated", waiting: "out-of-sequence" };
    expect(await purchaseOf(alice, refused)).toEqual(behind);
    const account = await alice.life?.deps.store.account(alice.accountKey);
    expect(account?.condition).toBe("out-of-sequence");

    await call(stage, alice);
    await drain(stage);
    const purchase = await alice.life?.deps.store.purchase(refused.purchaseId);
    if (purchase === undefined) throw new Error("The purchase is gone.");
    await pressPay(stage, alice, purchase, false);
    await drain(stage);
    expect(await purchaseOf(alice, refused)).toMatchObject({ state: "complete" });

    await buy(copy);
    await drain(stage);
    expect(await proofs()).toBe(2);
    await comeToRest(stage);
  });

  test("in a course with copied disks", PATIENCE, async () => {
    await open("unused");
    await holds("1008", { "copy-disk": 8, call: 4 });
  });
});

describe("threat 15: two payers of one quote: one delivery", () => {
  test("both payments are with the sale, the goods go to whoever began it", PATIENCE, async () => {
    await open("threat 15");
    const bob = computer("bob-1");
    const mallory = computer("mallory");
    const bought = await visit(stage, bob, 0, 2);
    if (bought === undefined) throw new Error("Nothing was offered.");
    await pressPay(stage, bob, bought, false);
    // Bob's wallet initiates the session; then Mallory pays as well, first of the two.
    await releaseUntil("/chit/session");
    await intrude(stage, 0);
    for (const name of ["commit", PAYMENTS_PATH, "commit", "/chit/proof"]) {
      const next = stage.effects.waiting.find(({ owner }) => owner === mallory.life);
      expect(next?.name).toContain(name);
      if (next !== undefined) await stage.effects.release(next, "done");
    }
    mallory.life?.kill();
    await drain(stage);
    expect(await purchaseOf(bob, bought)).toMatchObject({ state: "complete" });
    const [sale] = (await stage.shops[0]?.merchant.sales()) ?? [];
    expect(sale?.payments).toHaveLength(2);
    expect(stage.shops[0]?.fulfilled.get(sale?.transactionNumber ?? "")?.size).toBe(1);
    await comeToRest(stage);
  });

  test("in a course with an intruder", PATIENCE, async () => {
    await open("unused");
    await holds("1015", { intrude: 10, replay: 10 });
  });
});
