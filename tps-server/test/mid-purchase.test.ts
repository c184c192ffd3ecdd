/**
 * What changes while a purchase is under way: certificates, keys, clocks. The clock is simulated; what the TPS finds
 * when it commits decides, and a reply that was given stays as it is.
 */
import { LIMITS as PROTOCOL_LIMITS, readVerdict, verifyKeyList } from "@chit/protocol";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { rotatePinKey } from "../src/keys/pin-key-rotation.ts";
import { rotateKey } from "../src/keys/rotate.ts";
import { LIMITS } from "../src/limits.ts";
import { revokeMerchant } from "../src/merchants/merchants.ts";
import { waitingForLocks } from "./support/locks.ts";
import { keyFileOf, paysWith, rotationOf, startProcess } from "./support/pin-keys.ts";
import { createWallet, recordOf, type Wallet, type WalletRequest } from "./support/wallet.ts";
import { certifyMerchant, createWorld, type World } from "./support/world.ts";

const DAY = 86_400;
const { clockSkewSeconds: SKEW } = PROTOCOL_LIMITS;
let world: World;
let wallet: Wallet;
beforeEach(async () => {
  world = await createWorld();
  wallet = await createWallet(world);
});
afterEach(() => world.close());

const maintain = () => world.deps.keyRings.reload();
const send = async (request: WalletRequest) => wallet.receive(request, await wallet.send(request));
/** The reply was lost; the wallet asks again, with the identical bytes. */
const sendAgain = async (request: WalletRequest, lost: Uint8Array) => {
  const reply = await wallet.send(request);
  expect(reply).toEqual(lost);
  return wallet.receive(request, reply);
};
const certificateEnds = async () => {
  const [row] = await world.database.query<{ expires_at: bigint }>(
    "select expires_at from certificates where merchant_id = $1",
    [world.merchantId],
  );
  return Number(row?.expires_at);
};

describe("a merchant's certificate", () => {
  test("threat 22: revoked after the wallet asked and before the TPS commits: denied, nothing is debited", async () => {
    const request = await wallet.request();
    await revokeMerchant(world.deps, world.merchantId);
    expect(await send(request)).toMatchObject({ outcome: "denied", reason: "merchant-revoked" });
    expect(await recordOf(wallet)).toMatchObject({ balance: 1_000_000n, count: 1 });
  });

  test("threat 22: revoked while the payment waits for its account's lock: what holds at the commit decides", async () => {
    const request = await wallet.request();
    let sent: Promise<Uint8Array> | undefined;
    await world.database.transaction(async (tx) => {
      await tx.query("select 1 from accounts where account_id = $1 for update", [wallet.accountId]);
      sent = wallet.send(request);
      await waitingForLocks(world, 1);
      await revokeMerchant(world.deps, world.merchantId);
    });
    const reply = (await sent) ?? new Uint8Array();
    expect(await wallet.receive(request, reply)).toMatchObject({ reason: "merchant-revoked" });
  });

  test("threat 22: revoked after the debit and before the reply arrived: the paid reply stays, and is paid once", async () => {
    const request = await wallet.request();
    const lost = await wallet.send(request);
    await revokeMerchant(world.deps, world.merchantId);
    expect(await sendAgain(request, lost)).toMatchObject({ outcome: "paid", balance: 987_500n });
    expect(await wallet.pay()).toMatchObject({ reason: "merchant-revoked", balance: 987_500n });
  });

  test("threat 22: expired between request and commit: taken for as long as clocks may differ, then denied; the old reply stays", async () => {
    const ends = await certificateEnds();
    world.now = ends - 1;
    await maintain();
    const first = await wallet.request();
    world.now = ends + SKEW;
    const lost = await wallet.send(first);
    const paid = await sendAgain(first, lost);
    expect(paid.outcome).toBe("paid");
    const second = await wallet.request();
    world.now = ends + SKEW + 1;
    expect(await wallet.send(first)).toEqual(lost);
    expect(await send(second)).toMatchObject({ outcome: "denied", reason: "merchant-revoked" });
    expect(await recordOf(wallet)).toMatchObject({ balance: 987_500n, payments: 2 });
  });
});

describe("a key of the TPS", () => {
  test("threat 22: all keys changed between request and reply: the request is answered once, and its proof verifies under the new list", async () => {
    const request = await wallet.request();
    await rotateKey(world.deps, "sealing", 0);
    await rotateKey(world.deps, "signing", 0);
    const file = keyFileOf(world);
    const process = await startProcess(world, file, "tps");
    await rotatePinKey(rotationOf(world, file, () => process.refresh()));
    await maintain();
    const deps = paysWith(world, process);
    const lost = await wallet.send(request, deps);
    await rotateKey(world.deps, "signing", 0);
    await maintain();
    const again = await wallet.send(request, deps);
    expect(again).toEqual(lost);
    const paid = await wallet.receive(request, again);
    if (paid.outcome !== "paid") throw new Error(paid.outcome);
    const { rootKey, keyList } = world.deps.keyRings.current();
    const list = verifyKeyList(world.deps.crypto, rootKey, keyList.document, world.now);
    expect(readVerdict(world.deps.crypto, list, "proof", paid.proof).iat).toBe(world.now);
    expect(await recordOf(wallet)).toMatchObject({ balance: 987_500n, payments: 1 });
  });
});

describe("clocks that differ", () => {
  test("threat 22: a wallet whose clock is wrong is judged by the TPS's: the request says no time, the proof the TPS's", async () => {
    world.now += 2 * DAY;
    await maintain();
    for (const wrong of [-DAY, -SKEW, SKEW, DAY]) {
      const right = world.now;
      world.now = right + wrong;
      const request = await wallet.request();
      world.now = right;
      const paid = await send(request);
      if (paid.outcome !== "paid") throw new Error(paid.outcome);
      expect(readVerdict(world.deps.crypto, world.keyList(), "proof", paid.proof).iat).toBe(right);
    }
  });

  test("threat 22: a TPS whose clock is behind takes a certificate that begins within the skew, and no earlier", async () => {
    world.now += DAY;
    await maintain();
    const begins = world.now;
    const { merchantId } = await certifyMerchant(world.deps);
    world.now = begins - SKEW;
    expect(await wallet.pay({ merchantId })).toMatchObject({ outcome: "paid" });
    world.now = begins - SKEW - 1;
    expect(await wallet.pay({ merchantId })).toMatchObject({ reason: "merchant-revoked" });
  });

  test("threat 22: a clock that jumps between debit and retry changes no reply, not by an hour and not by the life of a key", async () => {
    const request = await wallet.request();
    const lost = await wallet.send(request);
    const right = world.now;
    for (const jump of [-3_600, 3_600, LIMITS.sealingKeySeconds + 2 * DAY]) {
      world.now = right + jump;
      expect(await wallet.send(request)).toEqual(lost);
    }
    world.now = right;
    expect(await sendAgain(request, lost)).toMatchObject({ outcome: "paid", balance: 987_500n });
  });
});
