import { openPaymentResponse, signedBytes } from "@chit/protocol";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { setAccountStatus } from "../src/accounts/holds.ts";
import { revokeMerchant } from "../src/merchants/merchants.ts";
import { createWallet, recordOf, WRONG_PIN } from "./support/wallet.ts";
import { certifyMerchant, createWorld, id, type World } from "./support/world.ts";

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

describe("an authenticated request", () => {
  test("is paid: one debit, a proof that verifies, count and modifier advance on both sides", async () => {
    const wallet = await createWallet(world);
    const response = await wallet.pay({ amount: 12_500n });
    expect(response).toMatchObject({ outcome: "paid", nextCount: 1, balance: 987_500n });
    expect(await recordOf(wallet)).toMatchObject({ balance: 987_500n, count: 1, payments: 1 });
    // The second one authenticates only under the advanced modifier.
    expect(await wallet.pay({ amount: 1n })).toMatchObject({ outcome: "paid", balance: 987_499n });
  });

  test("may take the very last unit, and not one more", async () => {
    const wallet = await createWallet(world, 500n);
    expect(await wallet.pay({ amount: 501n })).toMatchObject({
      outcome: "denied",
      reason: "insufficient-funds",
      balance: 500n,
    });
    expect(await wallet.pay({ amount: 500n })).toMatchObject({ outcome: "paid", balance: 0n });
  });

  test("that is denied advances count and modifier all the same, and debits nothing", async () => {
    const wallet = await createWallet(world, 10n);
    const response = await wallet.pay({ amount: 11n });
    expect(response).toMatchObject({ outcome: "denied", nextCount: 1, balance: 10n });
    expect(await recordOf(wallet)).toMatchObject({ balance: 10n, count: 1, payments: 1 });
    expect(await wallet.pay({ amount: 10n })).toMatchObject({ outcome: "paid", nextCount: 2 });
  });

  test("forgets earlier wrong PINs", async () => {
    const wallet = await createWallet(world);
    await wallet.pay({ pin: "000000" });
    expect(await recordOf(wallet)).toMatchObject({ failures: 1, refused: 1 });
    await wallet.pay();
    expect(await recordOf(wallet)).toMatchObject({ failures: 0, refused: 0 });
  });

  test("needs PIN and device signature: the right PIN under another's signature is refused like a wrong one", async () => {
    const wallet = await createWallet(world);
    const { signer } = await createWallet(world);
    // Were it paid, a thief of the disk could try all PINs so: what is refused is not counted.
    expect(await wallet.pay({ signer })).toMatchObject({ outcome: "refused" });
    expect(await wallet.pay({ signer, pin: WRONG_PIN })).toMatchObject({ outcome: "refused" });
    expect(await recordOf(wallet)).toMatchObject({
      count: 0,
      payments: 0,
      failures: 0,
      refused: 0,
    });
    expect(await wallet.pay()).toMatchObject({ outcome: "paid" });
  });

  test("is kept with all that verifies the device's signature again", async () => {
    const wallet = await createWallet(world);
    await wallet.pay();
    const [row] = await world.database.query<{
      count: bigint;
      pin_generation: bigint;
      plain: Buffer;
      component: Buffer;
      device_signature: Buffer;
    }>("select * from payments where account_id = $1", [wallet.accountId]);
    if (row === undefined) throw new Error("There is no payment.");
    const { accountId, deviceId } = wallet;
    const payer = {
      accountId,
      deviceId,
      count: Number(row.count),
      pinGeneration: Number(row.pin_generation),
    };
    const signed = signedBytes(payer, row.component, row.plain);
    const verify = (bytes: Uint8Array) =>
      world.deps.crypto.verifyEd25519(wallet.signer.publicKey, bytes, row.device_signature);
    expect(verify(signed)).toBe(true);
    expect(verify(signedBytes({ ...payer, count: 1 }, row.component, row.plain))).toBe(false);
  });
});

describe("an authenticated request is denied", () => {
  test("for an account on hold, until it is released", async () => {
    const wallet = await createWallet(world);
    await setAccountStatus(world.deps, wallet.accountId, "held");
    expect(await wallet.pay()).toMatchObject({ outcome: "denied", reason: "account-held" });
    await setAccountStatus(world.deps, wallet.accountId, "active");
    expect(await wallet.pay()).toMatchObject({ outcome: "paid" });
  });

  test("for a merchant that nobody certified", async () => {
    const wallet = await createWallet(world);
    expect(await wallet.pay({ merchantId: id() })).toMatchObject({ reason: "merchant-unknown" });
  });

  test("for a merchant that was revoked in the meantime", async () => {
    const wallet = await createWallet(world);
    const { merchantId } = await certifyMerchant(world.deps);
    expect(await wallet.pay({ merchantId })).toMatchObject({ outcome: "paid" });
    await revokeMerchant(world.deps, merchantId);
    expect(await wallet.pay({ merchantId })).toMatchObject({ reason: "merchant-revoked" });
  });

  test("for a merchant whose certificate has expired", async () => {
    const wallet = await createWallet(world);
    const { merchantId } = await certifyMerchant(world.deps);
    await world.database.query("update certificates set expires_at = $2 where merchant_id = $1", [
      merchantId,
      world.now - 301,
    ]);
    expect(await wallet.pay({ merchantId })).toMatchObject({ reason: "merchant-revoked" });
  });

  test("threat 21: a payment in another currency or scale is denied", async () => {
    const wallet = await createWallet(world);
    expect(await wallet.pay({ currency: "USD" })).toMatchObject({
      reason: "currency-not-supported",
    });
    expect(await wallet.pay({ scale: 2 })).toMatchObject({ reason: "currency-not-supported" });
  });
});

describe("identical bytes", () => {
  test("get the identical reply, and one debit", async () => {
    const wallet = await createWallet(world);
    const request = await wallet.request();
    const reply = await wallet.send(request);
    expect(await wallet.send(request)).toEqual(reply);
    expect(await recordOf(wallet)).toMatchObject({ count: 1, payments: 1, balance: 987_500n });
  });

  test("get it whatever happened since: hold, new PIN, revoked device", async () => {
    const wallet = await createWallet(world);
    const request = await wallet.request();
    const reply = await wallet.send(request);
    await setAccountStatus(world.deps, wallet.accountId, "held");
    await wallet.setPinByTelephone("99999999");
    await world.database.query("update devices set state = 'revoked' where account_id = $1", [
      wallet.accountId,
    ]);
    expect(await wallet.send(request)).toEqual(reply);
    expect(await wallet.receive(request, reply)).toMatchObject({ outcome: "paid" });
  });

  test("of the request before the last are out of sequence: nothing is paid again", async () => {
    const wallet = await createWallet(world);
    const first = await wallet.request();
    await wallet.receive(first, await wallet.send(first));
    await wallet.pay();
    const late = await openPaymentResponse(world.deps.crypto, first, await wallet.send(first));
    expect(late.outcome).toBe("out-of-sequence");
    expect(await recordOf(wallet)).toMatchObject({ payments: 2 });
  });
});

describe("a replay at the same count", () => {
  test("threat 5: a replay with another quote or amount is never answered from the store, and never paid", async () => {
    const wallet = await createWallet(world);
    const copy = wallet.clone();
    const first = await wallet.pay({ amount: 100n });
    expect(first.outcome).toBe("paid");
    // The copy of the disk knows the PIN, the old count and the old modifier.
    expect(await copy.pay({ amount: 100n })).toEqual({
      v: 1,
      type: "payment-response",
      outcome: "out-of-sequence",
    });
    expect(await recordOf(wallet)).toMatchObject({ payments: 1, balance: 999_900n, failures: 0 });
  });

  test("threat 5: a replay with bytes changed under way is not even opened", async () => {
    const wallet = await createWallet(world);
    const { body } = await wallet.request();
    const changed = Uint8Array.from(body);
    const at = changed.length - 10;
    changed[at] = changed[at] === 65 ? 66 : 65;
    await expect(wallet.send({ ...(await wallet.request()), body: changed })).rejects.toMatchObject(
      { code: "authentication-failed" },
    );
    expect(await recordOf(wallet)).toMatchObject({ payments: 0, failures: 0 });
  });
});
