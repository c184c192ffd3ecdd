/**
 * Copies of one disk, all of whose holders know the PIN, spend in any order, lose replies and send old requests
 * again, while the owner telephones now and then: the ledger goes on one step at a time, for one of them.
 */
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createWallet, recordOf, type Wallet, type WalletRequest } from "./support/wallet.ts";
import { createWorld, type World } from "./support/world.ts";

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

const OPENING = 10_000n;
const PRICE = 10n;

/** A disk: what its wallet knows, and the request whose reply it waits for. */
interface Disk {
  readonly wallet: Wallet;
  pending: WalletRequest | undefined;
}

/** What must be true at the TPS. */
interface Model {
  count: number;
  generation: number;
  pin: string;
  failures: number;
  /** The bytes that were paid last. */
  last: Uint8Array | undefined;
}

type Step =
  | { readonly type: "copy"; readonly disk: number }
  | { readonly type: "pay"; readonly disk: number; readonly lost: boolean }
  | { readonly type: "call" };

const disk = fc.nat(3);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 2, arbitrary: fc.record({ type: fc.constant("copy" as const), disk }) },
  {
    weight: 8,
    arbitrary: fc.record({ type: fc.constant("pay" as const), disk, lost: fc.boolean() }),
  },
  { weight: 1, arbitrary: fc.constant({ type: "call" as const }) },
);

/** What the TPS must answer to a request that it judges now, and what that changes. */
function predict(model: Model, request: WalletRequest, by: Wallet): string {
  if (request.body === model.last) return "paid";
  if (model.failures === 5) return "pin-locked";
  if (by.pinGeneration !== model.generation) return "pin-changed";
  if (by.count !== model.count) return "out-of-sequence";
  if (by.pin !== model.pin) {
    model.failures += 1;
    return model.failures === 5 ? "pin-locked" : "wrong-pin";
  }
  model.count += 1;
  model.failures = 0;
  model.last = request.body;
  return "paid";
}

/** Sends what is pending on the disk, or a new request; reads the answer unless it is lost. */
async function spend(model: Model, spender: Disk, lost: boolean): Promise<void> {
  const { wallet } = spender;
  const request = spender.pending ?? (await wallet.request({ amount: PRICE }));
  spender.pending = request;
  const expected = predict(model, request, wallet);
  const reply = await wallet.send(request);
  if (lost && expected === "paid") return;
  const response = await wallet.receive(request, reply);
  expect(response.outcome).toBe(expected);
  spender.pending = undefined;
  // It has heard that there is a new PIN, and has none but the old one to type.
  if (response.outcome === "pin-changed") wallet.adoptPin(response.pinGeneration, wallet.pin);
}

/** The owner asks for a PIN and the number of payments, and types both into the one disk that is theirs. */
async function call(model: Model, owner: Disk): Promise<void> {
  model.generation += 1;
  model.pin = String(100_000 + model.generation);
  model.failures = 0;
  await owner.wallet.setPinByTelephone(model.pin);
  owner.wallet.adoptPin(model.generation, model.pin);
  owner.wallet.count = model.count;
  owner.pending = undefined;
}

test("threat 8: of all copies of a disk one at a time is in step; the others are refused without a debit, and one call makes the owner's whole", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
      const owner: Disk = { wallet: await createWallet(world, OPENING), pending: undefined };
      const { pin } = owner.wallet;
      const model: Model = { count: 0, generation: 1, pin, failures: 0, last: undefined };
      const disks = [owner];
      for (const one of steps) {
        switch (one.type) {
          case "copy": {
            const { wallet, pending } = disks[one.disk % disks.length] ?? owner;
            disks.push({ wallet: wallet.clone(), pending });
            break;
          }
          case "pay":
            await spend(model, disks[one.disk % disks.length] ?? owner, one.lost);
            break;
          case "call":
            await call(model, owner);
            break;
        }
        expect(await recordOf(owner.wallet)).toMatchObject({
          count: model.count,
          payments: model.count,
          balance: OPENING - PRICE * BigInt(model.count),
          failures: model.failures,
        });
      }
      await call(model, owner);
      const before = model.count;
      for (const stale of disks.slice(1)) await spend(model, stale, false);
      expect((await recordOf(owner.wallet)).count).toBe(before);
      expect(await owner.wallet.pay({ amount: PRICE })).toMatchObject({ outcome: "paid" });
    }),
    { numRuns: 25 },
  );
}, 120_000);
