import {
  createAccountStatusRequest,
  createActivation,
  currentSealingKey,
  openAccountStatus,
  openActivationResponse,
  parseActivationLink,
  toBase64url,
} from "@chit/protocol";
import { nodeSigner } from "@chit/protocol/node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { linkDevice, openAccount, revokeDevice } from "../src/accounts/accounts.ts";
import { setAccountStatus } from "../src/accounts/holds.ts";
import { answerAccountStatus } from "../src/accounts/status.ts";
import { activateDevice } from "../src/activation/activate.ts";
import { LIMITS } from "../src/limits.ts";
import { activate, createWallet, type Wallet } from "./support/wallet.ts";
import { createWorld, ISSUER, id, random, type World } from "./support/world.ts";

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

async function prepare(link: string, signer = nodeSigner(random(32))) {
  const device = { publicKey: signer.publicKey, name: "Firefox", sign: signer.sign };
  const tpsKey = currentSealingKey(world.keyList(), world.now);
  return createActivation(world.deps.crypto, tpsKey, parseActivationLink(link), device);
}

async function result(pending: Awaited<ReturnType<typeof prepare>>) {
  const reply = await activateDevice(world.deps, pending.body);
  return openActivationResponse(world.deps.crypto, pending, reply);
}

async function outcome(pending: Awaited<ReturnType<typeof prepare>>): Promise<string> {
  return (await result(pending)).outcome;
}

describe("an activation link", () => {
  test("pins this issuer and its root key", async () => {
    const { activationLink } = await openAccount(world.deps);
    const link = parseActivationLink(activationLink);
    expect(link.issuer).toBe(ISSUER);
    expect(toBase64url(link.rootKey)).toBe(world.bundle.rootKey);
  });

  test("activates one device, which may ask again when the answer was lost", async () => {
    const { activationLink, accountId } = await openAccount(world.deps);
    const signer = nodeSigner(random(32));
    const messages = await Promise.all([1, 2, 3].map(() => prepare(activationLink, signer)));
    const results = await Promise.all([...messages, ...messages].map(result));
    for (const each of results) expect(each).toEqual(results[0]);
    expect(results[0]).toMatchObject({ outcome: "activated", accountId });
    const devices = await world.database.query("select 1 from devices where account_id = $1", [
      accountId,
    ]);
    expect(devices).toHaveLength(1);
  });

  test("is refused to a second device, to a wrong secret, and when it is too old", async () => {
    const { activationLink } = await openAccount(world.deps);
    expect(await outcome(await prepare(activationLink))).toBe("activated");
    expect(await outcome(await prepare(activationLink))).toBe("refused");
    const { rootKey } = parseActivationLink(activationLink);
    const wrong = `${ISSUER}/activate#${id()}.${toBase64url(rootKey)}`;
    expect(await outcome(await prepare(wrong))).toBe("refused");
    const { activationLink: late } = await openAccount(world.deps);
    world.now += LIMITS.activationSeconds + 1;
    await world.deps.keyRings.reload();
    expect(await outcome(await prepare(late))).toBe("refused");
  });

  test("is stored as a hash alone", async () => {
    const { activationLink } = await openAccount(world.deps);
    const { secret } = parseActivationLink(activationLink);
    const rows = await world.database.query<{ text: string }>(
      "select a::text as text from activations a",
    );
    const text = rows.map((row) => row.text).join("\n");
    expect(text).not.toContain(toBase64url(secret));
    expect(text).not.toContain(Buffer.from(secret).toString("hex"));
  });

  test("for a further device adds a device to the same account", async () => {
    const wallet = await createWallet(world);
    const second = await activate(world, await linkDevice(world.deps, wallet.accountId));
    expect(second.accountId).toBe(wallet.accountId);
    expect(second.deviceId).not.toBe(wallet.deviceId);
    await expect(linkDevice(world.deps, id())).rejects.toMatchObject({ code: "account-unknown" });
  });
});

describe("account status", () => {
  const ask = async (wallet: Wallet, changes: Partial<Wallet> = {}) => {
    const subject = {
      issuer: ISSUER,
      accountId: changes.accountId ?? wallet.accountId,
      deviceId: changes.deviceId ?? wallet.deviceId,
    };
    const { sign } = changes.signer ?? wallet.signer;
    const tpsKey = currentSealingKey(world.keyList(), world.now);
    const { crypto } = world.deps;
    const pending = await createAccountStatusRequest(crypto, tpsKey, subject, sign);
    const reply = await answerAccountStatus(world.deps, pending.body);
    return { size: reply.length, status: await openAccountStatus(crypto, pending, reply) };
  };

  test("tells balance, hold and PIN state to the device", async () => {
    const wallet = await createWallet(world, 700n);
    await setAccountStatus(world.deps, wallet.accountId, "held");
    expect((await ask(wallet)).status).toMatchObject({
      outcome: "status",
      balance: 700n,
      account: "held",
      pin: "active",
      pinGeneration: 1,
    });
    await revokeDevice(world.deps, wallet.accountId, wallet.deviceId);
    expect((await ask(wallet)).status).toMatchObject({ outcome: "device-revoked" });
  });

  test("tells a device that has had no PIN nothing of the account: its link may have been found", async () => {
    const wallet = await createWallet(world, 700n);
    await world.database.query(
      `update devices set pin_state = 'awaiting-pin', modified_pin = null, modified_pin_key_id = null
       where account_id = $1`,
      [wallet.accountId],
    );
    const { status } = await ask(wallet);
    expect(status).toEqual({ v: 1, type: "account-status-response", outcome: "awaiting-pin" });
  });

  test("tells nobody else anything, in replies of one size", async () => {
    const wallet = await createWallet(world);
    const own = await ask(wallet);
    const others = [
      await ask(wallet, { signer: nodeSigner(random(32)) }),
      await ask(wallet, { accountId: id() }),
      await ask(wallet, { deviceId: id() }),
    ];
    for (const { size, status } of others) {
      expect(status.outcome).toBe("refused");
      expect(size).toBe(own.size);
    }
  });
});
