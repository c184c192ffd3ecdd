/**
 * Whatever a wallet, a thief of its disk, an outsider and a bad network do, in any order: the TPS agrees with a
 * model of a dozen lines, money is conserved, and a lost reply changes nothing.
 */
import { openPaymentResponse } from "@chit/protocol";
import { nodeSigner } from "@chit/protocol/node";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { fundAccount } from "../src/accounts/accounts.ts";
import { createWallet, recordOf, type Wallet, type WalletRequest } from "./support/wallet.ts";
import { createWorld, random, type World } from "./support/world.ts";

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

const OPENING = 1_000n;

/** What must be true, by the rules of "PIN, modifier, count". */
interface Model {
  balance: bigint;
  count: number;
  failures: number;
  generation: number;
  pin: string;
  /** Requests sent so far whose reply is stored, with what it said. */
  lastAuthenticated: Sent | undefined;
  wrongPins: Sent[];
}

interface Sent {
  readonly request: WalletRequest;
  readonly reply: Uint8Array;
}

interface Real {
  readonly wallet: Wallet;
  /** Everything that was ever sent, for a network that repeats things. */
  readonly sent: Sent[];
  fundings: number;
}

type Step = fc.AsyncCommand<Model, Real>;

async function compare(model: Model, { wallet }: Real): Promise<void> {
  const record = await recordOf(wallet);
  expect(record).toMatchObject({
    balance: model.balance,
    count: model.count,
    failures: model.failures,
    refused: model.wrongPins.length,
    payments: model.count,
    pinState: model.failures === 5 ? "locked" : "active",
  });
}

/** A payment with the right PIN; its reply may be lost, and the wallet sends the bytes again. */
class Pay implements Step {
  readonly amount: bigint;
  readonly losses: number;
  constructor(amount: bigint, losses: number) {
    this.amount = amount;
    this.losses = losses;
  }
  check = (model: Readonly<Model>) => model.failures < 5;
  async run(model: Model, real: Real): Promise<void> {
    const { wallet } = real;
    const request = await wallet.request({ amount: this.amount });
    for (let lost = 0; lost < this.losses; lost++) await wallet.send(request);
    const reply = await wallet.send(request);
    const response = await wallet.receive(request, reply);
    const covered = this.amount <= model.balance;
    expect(response.outcome).toBe(covered ? "paid" : "denied");
    if (covered) model.balance -= this.amount;
    model.count += 1;
    model.failures = 0;
    model.wrongPins = [];
    model.lastAuthenticated = { request, reply };
    real.sent.push(model.lastAuthenticated);
    await compare(model, real);
  }
  toString = () => `pay(${this.amount}, ${this.losses} replies lost)`;
}

/** A wrong PIN, by the owner or by a thief of the disk; sent several times. */
class WrongPin implements Step {
  readonly losses: number;
  constructor(losses: number) {
    this.losses = losses;
  }
  check = (model: Readonly<Model>) => model.failures < 5;
  async run(model: Model, real: Real): Promise<void> {
    const { wallet } = real;
    const request = await wallet.request({ pin: "000000" });
    for (let lost = 0; lost < this.losses; lost++) await wallet.send(request);
    const reply = await wallet.send(request);
    const response = await wallet.receive(request, reply);
    model.failures += 1;
    expect(response).toMatchObject(
      model.failures === 5
        ? { outcome: "pin-locked" }
        : { outcome: "wrong-pin", attemptsLeft: 5 - model.failures },
    );
    const sent = { request, reply };
    model.wrongPins.push(sent);
    real.sent.push(sent);
    await compare(model, real);
  }
  toString = () => `wrongPin(${this.losses} replies lost)`;
}

/** The network delivers something old again. */
class Replay implements Step {
  readonly which: number;
  constructor(which: number) {
    this.which = which;
  }
  check = () => true;
  async run(model: Model, real: Real): Promise<void> {
    const old = real.sent[this.which % Math.max(1, real.sent.length)];
    if (old === undefined) return;
    const reply = await real.wallet.send(old.request);
    const stored = [model.lastAuthenticated, ...model.wrongPins].includes(old);
    if (stored) expect(reply).toEqual(old.reply);
    else {
      const response = await openPaymentResponse(world.deps.crypto, old.request, reply);
      expect(["out-of-sequence", "pin-changed", "pin-locked"]).toContain(response.outcome);
    }
    await compare(model, real);
  }
  toString = () => `replay(${this.which})`;
}

/** Somebody without the device's key guesses. */
class Outsider implements Step {
  check = () => true;
  async run(model: Model, real: Real): Promise<void> {
    const signer = nodeSigner(random(32));
    const request = await real.wallet.request({ pin: "000000", signer });
    const reply = await real.wallet.send(request);
    const response = await openPaymentResponse(world.deps.crypto, request, reply);
    expect(response.outcome).toBe("refused");
    await compare(model, real);
  }
  toString = () => "outsider";
}

/** The owner calls and gets a new PIN. */
class NewPin implements Step {
  check = () => true;
  async run(model: Model, real: Real): Promise<void> {
    model.generation += 1;
    model.failures = 0;
    model.wrongPins = [];
    model.pin = String(100_000 + model.generation);
    await real.wallet.setPinByTelephone(model.pin);
    // The wallet does not know yet; the right old PIN is not a wrong one.
    expect(await real.wallet.pay()).toMatchObject({
      outcome: "pin-changed",
      pinGeneration: model.generation,
    });
    real.wallet.adoptPin(model.generation, model.pin);
    await compare(model, real);
  }
  toString = () => "newPin";
}

class Fund implements Step {
  check = () => true;
  async run(model: Model, real: Real): Promise<void> {
    real.fundings += 1;
    await fundAccount(world.deps, real.wallet.accountId, 50n, `funding ${real.fundings}`);
    model.balance += 50n;
    await compare(model, real);
  }
  toString = () => "fund";
}

test("any course of events agrees with the model, and money is conserved", async () => {
  const commands = fc.commands<Model, Real, false>(
    [
      fc
        .tuple(fc.bigInt({ min: 1n, max: 700n }), fc.nat(2))
        .map(([amount, losses]) => new Pay(amount, losses)),
      fc.nat(2).map((losses) => new WrongPin(losses)),
      fc.nat(50).map((which) => new Replay(which)),
      fc.constant(new Outsider()),
      fc.constant(new NewPin()),
      fc.constant(new Fund()),
    ],
    { maxCommands: 25 },
  );
  await fc.assert(
    fc.asyncProperty(commands, async (steps) => {
      const wallet = await createWallet(world, OPENING);
      const real: Real = { wallet, sent: [], fundings: 0 };
      const model: Model = {
        balance: OPENING,
        count: 0,
        failures: 0,
        generation: 1,
        pin: wallet.pin,
        lastAuthenticated: undefined,
        wrongPins: [],
      };
      await fc.asyncModelRun(() => ({ model, real }), steps);
      const [books] = await world.database.query<{ sum: bigint }>(
        `select (coalesce((select sum(amount) from fundings where account_id = $1), 0)
               - coalesce((select sum(amount) from payments where account_id = $1 and verdict = 'proof'), 0))::bigint
                as sum`,
        [wallet.accountId],
      );
      expect(books?.sum).toBe((await recordOf(wallet)).balance);
    }),
    { numRuns: 25 },
  );
}, 120_000);
