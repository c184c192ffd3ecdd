import type { AccountMovement, AccountRecords } from "@chit/protocol";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fundAccount } from "../../src/accounts/accounts.ts";
import { addDevice, askDevices, newInvitation, newSigner } from "../support/devices.ts";
import {
  askRecords,
  giveBack,
  prepareRecords,
  type Reader,
  sendRecords,
} from "../support/records.ts";
import { activate, createWallet, type Wallet } from "../support/wallet.ts";
import { createWorld, id, type World } from "../support/world.ts";

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

const MOVEMENTS = { wish: "movements", after: null } as const;
const told = (answer: AccountRecords) => {
  if (answer.outcome !== "movements") throw new Error(`The answer is ${answer.outcome}.`);
  return answer;
};
/** Pays, and gives the payment's id. */
async function paidBy(wallet: Wallet, amount = 12_500n): Promise<string> {
  expect((await wallet.pay({ amount })).outcome).toBe("paid");
  const [row] = await world.database.query<{ payment_id: string }>(
    "select payment_id from payments where account_id = $1 order by count desc limit 1",
    [wallet.accountId],
  );
  return row?.payment_id as string;
}
/** All movements from a cursor on, page by page. */
async function readAll(reader: Reader, from: string | null = null) {
  const movements: AccountMovement[] = [];
  let after = from;
  for (;;) {
    const page = told(await askRecords(reader, { wish: "movements", after }));
    movements.push(...page.movements);
    after = page.next;
    if (!page.more) return { movements, next: after };
  }
}

describe("movements", () => {
  test("tell what was paid in and what was given back, with the payment that it was of", async () => {
    const wallet = await createWallet(world);
    const paymentId = await paidBy(wallet);
    world.now += 5;
    const orderId = await giveBack(world, wallet.accountId, paymentId, 2_500n);
    const { movements } = told(await askRecords(wallet, MOVEMENTS));
    expect(movements).toEqual([
      expect.objectContaining({ kind: "funding", amount: 1_000_000n, balanceAfter: 1_000_000n }),
      {
        kind: "refund",
        at: world.now,
        amount: 2_500n,
        balanceAfter: 990_000n,
        paymentId,
        orderId,
        merchantId: world.merchantId,
        transactionNumber: expect.any(String),
      },
    ]);
  });

  test("of the whole account are told to each of its devices", async () => {
    const wallet = await createWallet(world);
    const other = await addDevice(wallet);
    await giveBack(world, wallet.accountId, await paidBy(wallet), 100n);
    const seen = [await askRecords(wallet, MOVEMENTS), await askRecords(other, MOVEMENTS)];
    expect(told(seen[1] as AccountRecords).movements).toEqual(
      told(seen[0] as AccountRecords).movements,
    );
    expect(told(seen[0] as AccountRecords).movements).toHaveLength(2);
  });

  test("are read once each and none is left out while others are added, also within one second", async () => {
    const wallet = await createWallet(world);
    for (let i = 0; i < 20; i++) await fundAccount(world.deps, wallet.accountId, 1n, `first ${i}`);
    const first = told(await askRecords(wallet, MOVEMENTS));
    expect(first.more).toBe(true);
    // Entered in the same second; by name and amount they would come before those told.
    for (let i = 0; i < 20; i++) await fundAccount(world.deps, wallet.accountId, 1n, `a ${i}`);
    const rest = await readAll(wallet, first.next);
    const all = [...first.movements, ...rest.movements];
    expect(new Set(all.map((movement) => movement.balanceAfter)).size).toBe(41);
    expect(all.map(({ balanceAfter }) => balanceAfter)).toEqual(
      Array.from({ length: 41 }, (_, i) => 1_000_000n + BigInt(i)),
    );
    expect(await readAll(wallet, rest.next)).toEqual({ movements: [], next: rest.next });
    await fundAccount(world.deps, wallet.accountId, 5n, "later");
    expect((await readAll(wallet, rest.next)).movements).toMatchObject([{ reference: "later" }]);
  });

  test("come in the order in which they were entered, whatever the clocks of the machines say", async () => {
    const wallet = await createWallet(world);
    world.now -= 3;
    await fundAccount(world.deps, wallet.accountId, 7n, "another machine");
    world.now += 3;
    const { movements } = await readAll(wallet);
    expect(movements.map(({ balanceAfter }) => balanceAfter)).toEqual([1_000_000n, 1_000_007n]);
  });

  test("fit into a reply with the longest references", async () => {
    const wallet = await createWallet(world);
    for (let i = 0; i < 16; i++) {
      const reference = `${String(i).padStart(2, "0")}${"\u20ac".repeat(97)}"`;
      await fundAccount(world.deps, wallet.accountId, 1n, reference);
    }
    expect((await readAll(wallet)).movements).toHaveLength(17);
  });
});

describe("who reads an account's records", () => {
  test("nobody but its devices: strangers get one answer, of one size", async () => {
    const wallet = await createWallet(world);
    const neighbour = await createWallet(world);
    const own = await askRecords(wallet, MOVEMENTS);
    for (const reader of [
      { ...wallet, signer: newSigner() },
      { ...wallet, accountId: id() },
      { ...wallet, deviceId: id() },
      { ...neighbour, accountId: wallet.accountId },
      { ...neighbour, deviceId: wallet.deviceId },
    ]) {
      const answer = await sendRecords(wallet, await prepareRecords(reader, MOVEMENTS));
      expect(answer).toEqual({
        v: 1,
        type: "account-records-response",
        outcome: "refused",
        bytes: own.bytes,
      });
    }
  });

  test("a revoked device is told that it is revoked, and nothing else", async () => {
    const wallet = await createWallet(world);
    const lost = await addDevice(wallet);
    await askDevices(wallet, { action: "revoke", deviceId: lost.deviceId });
    expect(await askRecords(lost, MOVEMENTS)).toMatchObject({ outcome: "device-revoked" });
    expect(await askRecords(lost, { wish: "funding" })).toMatchObject({
      outcome: "device-revoked",
    });
  });

  test("a device without a PIN learns nothing of the account", async () => {
    const wallet = await createWallet(world);
    const { action, link } = newInvitation(wallet, "once");
    await askDevices(wallet, action);
    const fresh = await activate(world, link);
    for (const wish of [MOVEMENTS, { wish: "funding" }, { wish: "months" }] as const) {
      expect(await askRecords(fresh, wish)).toMatchObject({ outcome: "awaiting-pin" });
    }
  });

  test("a request said again is answered again and changes nothing", async () => {
    const wallet = await createWallet(world);
    const request = await prepareRecords(wallet, MOVEMENTS);
    const first = await sendRecords(wallet, request);
    expect(await sendRecords(wallet, request)).toEqual(first);
    await fundAccount(world.deps, wallet.accountId, 1n, "between");
    expect(told(await sendRecords(wallet, request)).movements).toHaveLength(2);
  });
});

describe("paying in", () => {
  test("is told where the operator named its bank account, with the account's own reference", async () => {
    const wallet = await createWallet(world);
    expect(await askRecords(wallet, { wish: "funding" })).toMatchObject({ outcome: "no-funding" });
    await world.database.query(
      "update issuer set bank_holder = 'Example Pay', bank_iban = 'DE89370400440532013000', bank_text = 'Two days.'",
    );
    const [row] = await world.database.query<{ reference: string }>(
      "select reference from funding_references where account_id = $1",
      [wallet.accountId],
    );
    expect(await askRecords(wallet, { wish: "funding" })).toMatchObject({
      outcome: "funding",
      reference: row?.reference,
      holder: "Example Pay",
      iban: "DE89370400440532013000",
      bic: null,
      text: "Two days.",
    });
  });
});
