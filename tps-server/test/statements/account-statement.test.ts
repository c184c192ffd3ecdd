import { LIMITS, monthBounds, monthOf, verifyAccountStatement } from "@chit/protocol";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fundAccount } from "../../src/accounts/accounts.ts";
import { addPartitions } from "../../src/partitions/partitions.ts";
import { addDevice } from "../support/devices.ts";
import {
  askRecords,
  fetchStatement,
  giveBack,
  type Reader,
  statementText,
} from "../support/records.ts";
import { createWallet, type Wallet } from "../support/wallet.ts";
import { createWorld, id, type World } from "../support/world.ts";

let world: World;
const NOVEMBER = "2026-11";
const { from: START, until: END } = monthBounds(NOVEMBER);
beforeAll(async () => {
  world = await createWorld(START - 7_200);
});
afterAll(() => world.close());

/** A later time, with the keys that are then in use. */
async function at(seconds: number): Promise<void> {
  world.now = seconds;
  await world.deps.keyRings.reload();
}
const read = (text: string) => verifyAccountStatement(world.deps.crypto, world.keyList(), text);
const statementOf = async (reader: Reader, month = NOVEMBER) =>
  read(await statementText(reader, month));

async function payments(wallet: Wallet): Promise<string[]> {
  const rows = await world.database.query<{ payment_id: string }>(
    "select payment_id from payments where account_id = $1 and verdict = 'proof' order by paid_at, count",
    [wallet.accountId],
  );
  return rows.map((row) => row.payment_id);
}

describe("the statement of a month", () => {
  test("has every movement with its balance, and adds up from the opening to the closing balance", async () => {
    await at(START - 3_600);
    const wallet = await createWallet(world);
    await wallet.pay({ amount: 100_000n });
    await at(START + 10);
    await wallet.pay({ amount: 12_500n });
    await at(world.now + 10);
    const [, paymentId = ""] = await payments(wallet);
    await giveBack(world, wallet.accountId, paymentId, 2_500n);
    await at(world.now + 10);
    await fundAccount(world.deps, wallet.accountId, 50_000n, "November's money");
    const statement = await statementOf(wallet);
    expect(statement).toMatchObject({
      accountId: wallet.accountId,
      month: NOVEMBER,
      complete: false,
      currency: "EUR",
      scale: 4,
      opening: 900_000n,
      closing: 940_000n,
      payments: { count: 1, amount: 12_500n },
      refunds: { count: 1, amount: 2_500n },
      fundings: { count: 1, amount: 50_000n },
      movements: [
        { kind: "payment", at: START + 10, amount: 12_500n, balance: 887_500n, paymentId },
        { kind: "refund", at: START + 20, amount: 2_500n, balance: 890_000n, paymentId },
        { kind: "funding", amount: 50_000n, balance: 940_000n, reference: "November's money" },
      ],
    });
    expect(statement.merchants).toEqual(new Map([[world.merchantId, "Paper & Ink"]]));
    expect(await statementOf(wallet, monthOf(START - 1))).toMatchObject({
      opening: 0n,
      closing: 900_000n,
      complete: false,
    });
  });

  test("leaves out denials: they moved nothing", async () => {
    await at(START + 100);
    const wallet = await createWallet(world);
    expect((await wallet.pay({ amount: 9_000_000n })).outcome).toBe("denied");
    expect((await statementOf(wallet)).movements).toMatchObject([{ kind: "funding" }]);
  });

  test("of an empty month carries the balance over", async () => {
    await at(START - 3_600);
    const wallet = await createWallet(world);
    await at(START + 100);
    const { opening, closing, movements } = await statementOf(wallet);
    expect({ opening, closing, movements }).toEqual({
      opening: 1_000_000n,
      closing: 1_000_000n,
      movements: [],
    });
  });

  test("is in the order of the balances where many movements share one second", async () => {
    await at(START + 200);
    const wallet = await createWallet(world);
    for (let i = 0; i < 6; i++) {
      await wallet.pay({ amount: 1_000n });
      const paid = await payments(wallet);
      await giveBack(world, wallet.accountId, paid.at(-1) as string, 1_000n);
      await fundAccount(world.deps, wallet.accountId, 500n, `again ${i}`);
    }
    const { movements } = await statementOf(wallet);
    expect(movements).toHaveLength(19);
    expect(movements.at(-1)?.balance).toBe(1_003_000n);
  });

  test("is told to each device of the account, in parts, and to no other account", async () => {
    await at(START + 300);
    const wallet = await createWallet(world);
    const other = await addDevice(wallet);
    const neighbour = await createWallet(world);
    const { statementId } = await fetchStatement(wallet, NOVEMBER);
    const wish = { wish: "statement-part", statementId, part: 0 } as const;
    expect(await askRecords(other, wish)).toMatchObject({ outcome: "statement-part" });
    for (const [reader, asked] of [
      [neighbour, wish],
      [wallet, { ...wish, statementId: id() }],
      [wallet, { ...wish, part: 1 }],
    ] as const) {
      expect(await askRecords(reader, asked)).toMatchObject({
        outcome: "no-statement",
        reason: "gone",
      });
    }
  });

  test("is not to be had of months before the account, and of those to come", async () => {
    await at(START + 400);
    const wallet = await createWallet(world);
    expect(await askRecords(wallet, { wish: "months" })).toMatchObject({
      first: NOVEMBER,
      current: NOVEMBER,
    });
    for (const month of [monthOf(START - 1), monthOf(END)]) {
      expect(await askRecords(wallet, { wish: "statement", month })).toMatchObject({
        outcome: "no-statement",
        reason: "no-such-month",
      });
    }
  });
});

describe("a month that is over", () => {
  test("has one statement: the same bytes for ever, whoever asks, also when two ask at once", async () => {
    await at(END - 10);
    const wallet = await createWallet(world);
    const running = await statementText(wallet, NOVEMBER);
    await at(END + 3_599);
    expect((await statementOf(wallet)).complete).toBe(false);
    await at(END + 3_600);
    const both = await Promise.all([
      fetchStatement(wallet, NOVEMBER),
      fetchStatement(wallet, NOVEMBER),
    ]);
    expect(both[0]).toEqual(both[1]);
    const final = await statementText(wallet, NOVEMBER);
    expect(read(final).complete).toBe(true);
    expect(final).not.toBe(running);
    await wallet.pay();
    await at(world.now + 40 * 86_400);
    await wallet.pay();
    expect(await statementText(wallet, NOVEMBER)).toBe(final);
    expect(await statementOf(wallet, monthOf(END))).toMatchObject({
      opening: 1_000_000n,
      closing: 987_500n,
      complete: true,
    });
  });

  test("one of the running month is made again when something moved, and forgotten after half an hour", async () => {
    await at(END + 50 * 86_400);
    const wallet = await createWallet(world);
    const month = monthOf(world.now);
    const first = await fetchStatement(wallet, month);
    await at(world.now + 30);
    expect(await fetchStatement(wallet, month)).toEqual(first);
    await wallet.pay();
    const second = await fetchStatement(wallet, month);
    expect(second.statementId).not.toBe(first.statementId);
    await at(world.now + 1_801);
    await fetchStatement(await createWallet(world), month);
    const wish = { wish: "statement-part", statementId: first.statementId, part: 0 } as const;
    expect(await askRecords(wallet, wish)).toMatchObject({ reason: "gone" });
  });
});

describe("nothing is signed that does not add up", () => {
  const refusedAfter = async (wallet: Wallet, harm: string) => {
    await world.database.query(harm, [wallet.accountId]);
    const answer = await askRecords(wallet, { wish: "statement", month: monthOf(world.now) });
    expect(answer).toMatchObject({ outcome: "no-statement", reason: "under-review" });
  };

  test("a payment that was taken out of the records", async () => {
    const wallet = await createWallet(world);
    for (const amount of [100n, 200n, 300n]) await wallet.pay({ amount });
    await refusedAfter(wallet, "delete from payments where account_id = $1 and amount = 200");
  });

  test("a balance that somebody raised", async () => {
    const wallet = await createWallet(world);
    await refusedAfter(wallet, "update accounts set balance = balance + 1 where account_id = $1");
  });

  test("an amount that was changed in an earlier month", async () => {
    const wallet = await createWallet(world);
    await wallet.pay();
    await at(world.now + 32 * 86_400);
    await wallet.pay();
    await refusedAfter(
      wallet,
      "update fundings set amount = amount - 5, balance_after = balance_after - 5 where account_id = $1",
    );
  });

  test("the same, where nothing moved since", async () => {
    const wallet = await createWallet(world);
    await wallet.pay();
    await at(world.now + 32 * 86_400);
    await refusedAfter(wallet, "update fundings set amount = amount - 5 where account_id = $1");
  });
});

describe("an account with 5,000 payments in a month", () => {
  test("gets a statement of ten sheets that verifies and adds up", async () => {
    const wallet = await createWallet(world, 5_000_000n);
    await addPartitions(world.deps);
    const { from } = monthBounds(monthOf(world.now));
    await world.database.query(
      `insert into payments (account_id, payment_id, device_id, count, pin_generation, verdict, merchant_id,
         transaction_number, amount, currency, scale, quote_hash, document, request_hash, plain, component,
         device_signature, balance_after, paid_at)
       select $1, translate(encode(uuid_send(gen_random_uuid()), 'base64'), '+/=', '-_'), $2, n, 1, 'proof', $3,
         translate(encode(uuid_send(gen_random_uuid()), 'base64'), '+/=', '-_'), 700, 'EUR', 4, '', '', '', '', '',
         '', 5000000 - 700 * n, $4 + n / 3
       from generate_series(1, 5000) n`,
      [wallet.accountId, wallet.deviceId, world.merchantId, Math.max(from, world.now)],
    );
    await world.database.query(
      "update accounts set balance = balance - 3500000 where account_id = $1",
      [wallet.accountId],
    );
    const text = await statementText(wallet, monthOf(world.now));
    expect(text.split("\n")).toHaveLength(Math.ceil(5_001 / LIMITS.statementSheetMovements));
    expect(read(text)).toMatchObject({
      payments: { count: 5_000, amount: 3_500_000n },
      closing: 1_500_000n,
    });
  });
});
