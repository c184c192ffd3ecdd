import { LIMITS as PROTOCOL_LIMITS, verifyCertificate } from "@chit/protocol";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fundAccount, openAccount } from "../src/accounts/accounts.ts";
import { setAccountStatus } from "../src/accounts/holds.ts";
import { hashPasscode, NO_PASSCODE_HASH, verifyPasscode } from "../src/accounts/passcode.ts";
import { showAccount } from "../src/accounts/show.ts";
import { randomDigits } from "../src/identifiers.ts";
import {
  approveMerchant,
  readApplication,
  registerApplication,
  rejectApplication,
} from "../src/merchants/applications.ts";
import { listMerchants, revokeMerchant } from "../src/merchants/merchants.ts";
import { createWallet } from "./support/wallet.ts";
import { createWorld, id, random, SHOP, signedApplication, type World } from "./support/world.ts";

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

describe("paying in", () => {
  test("twice with one reference moves the money once and gives the same result", async () => {
    const { accountId } = await openAccount(world.deps);
    const first = await fundAccount(world.deps, accountId, 250_000n, "SEPA 1");
    expect(first).toMatchObject({ moved: true, balanceAfter: 250_000n });
    await fundAccount(world.deps, accountId, 5n, "SEPA 2");
    const again = await fundAccount(world.deps, accountId, 250_000n, "SEPA 1");
    expect(again).toEqual({ ...first, moved: false });
    expect(await showAccount(world.deps, accountId)).toMatchObject({ balance: 250_005n });
  });

  test("ten times at once with one reference moves it once", async () => {
    const { accountId } = await openAccount(world.deps);
    const results = await Promise.all(
      Array.from({ length: 10 }, () => fundAccount(world.deps, accountId, 7n, "once")),
    );
    expect(results.filter((result) => result.moved)).toHaveLength(1);
    expect(await showAccount(world.deps, accountId)).toMatchObject({ balance: 7n });
  });

  test("another amount under the same reference is refused, and moves nothing", async () => {
    const { accountId } = await openAccount(world.deps);
    await fundAccount(world.deps, accountId, 10n, "ref");
    await expect(fundAccount(world.deps, accountId, 11n, "ref")).rejects.toMatchObject({
      code: "reference-conflict",
    });
    expect(await showAccount(world.deps, accountId)).toMatchObject({ balance: 10n });
  });

  test("refuses nothing, less than nothing, and more than the ledger holds", async () => {
    const { accountId } = await openAccount(world.deps);
    for (const amount of [0n, -1n]) {
      await expect(fundAccount(world.deps, accountId, amount, "a")).rejects.toMatchObject({
        code: "setting-invalid",
      });
    }
    await fundAccount(world.deps, accountId, PROTOCOL_LIMITS.amount, "all");
    await expect(fundAccount(world.deps, accountId, 1n, "more")).rejects.toMatchObject({
      code: "balance-too-large",
    });
  });

  test("to an account that does not exist says so", async () => {
    await expect(fundAccount(world.deps, id(), 1n, "a")).rejects.toMatchObject({
      code: "account-unknown",
    });
    await expect(setAccountStatus(world.deps, "nonsense", "held")).rejects.toMatchObject({
      code: "setting-invalid",
    });
  });
});

describe("an account", () => {
  test("shows its devices and movements, newest first", async () => {
    const wallet = await createWallet(world, 1_000n);
    world.now += 1;
    await wallet.pay({ amount: 400n });
    world.now += 1;
    await wallet.pay({ amount: 601n });
    const shown = await showAccount(world.deps, wallet.accountId);
    expect(shown.devices).toMatchObject([{ deviceId: wallet.deviceId, pin: "active", count: 2 }]);
    expect(shown.movements).toMatchObject([
      { kind: "denial", amount: 0n, text: "insufficient-funds", balanceAfter: 600n },
      { kind: "payment", amount: -400n, text: "Paper & Ink", balanceAfter: 600n },
      { kind: "funding", amount: 1_000n, text: "opening", balanceAfter: 1_000n },
    ]);
  });

  test("is entered in the operator's log whenever the operator touches it", async () => {
    const { accountId } = await openAccount(world.deps);
    await fundAccount(world.deps, accountId, 3n, "r");
    await setAccountStatus(world.deps, accountId, "held");
    const rows = await world.database.query<{ action: string; operator: string }>(
      "select action, operator from operator_log where subject = $1 order by entry",
      [accountId],
    );
    expect(rows).toEqual(
      ["account open", "account fund", "account hold"].map((action) => ({
        action,
        operator: "tester",
      })),
    );
  });
});

describe("a telephone passcode", () => {
  test("is verified against its Argon2id hash, and nothing else is", async () => {
    const hash = await hashPasscode(world.deps.platform, "12345678");
    expect(hash).toMatch(/^\$argon2id\$v=19\$m=47104,t=1,p=1\$/);
    expect(await verifyPasscode("12345678", hash)).toBe(true);
    expect(await verifyPasscode("12345679", hash)).toBe(false);
    expect(await verifyPasscode("12345678", NO_PASSCODE_HASH)).toBe(false);
    expect(await verifyPasscode("12345678", "12345678")).toBe(false);
    expect(await hashPasscode(world.deps.platform, "12345678")).not.toBe(hash);
  });

  test("and a telephone id have 8 digits, all equally likely", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), (length) => {
        expect(randomDigits({ randomBytes: random }, length)).toMatch(/^[0-9]+$/);
        expect(randomDigits({ randomBytes: random }, length)).toHaveLength(length);
      }),
    );
    // Bytes from 250 on would favour small digits, and are left out.
    let call = 0;
    const bytes = [Uint8Array.of(255, 250, 249), Uint8Array.of(10, 21, 32)];
    const fixed = { randomBytes: () => bytes[call++] ?? new Uint8Array(3) };
    expect(randomDigits(fixed, 3)).toBe("901");
  });
});

describe("a merchant application", () => {
  test("waits for review, is approved once, and gives the same merchant again", async () => {
    const document = await signedApplication("Second Shop");
    const { applicationId, isNew } = await registerApplication(world.deps, document);
    expect(isNew).toBe(true);
    const again = await registerApplication(world.deps, document);
    expect(again).toEqual({ applicationId, state: "pending", isNew: false });
    const ring = world.deps.keyRings.current();
    expect(await readApplication(world.deps, ring, applicationId)).toEqual({ state: "pending" });
    const first = await approveMerchant(world.deps, applicationId);
    expect(await approveMerchant(world.deps, applicationId)).toEqual(first);
    expect(await readApplication(world.deps, ring, applicationId)).toEqual({
      state: "approved",
      bundle: first.bundle,
    });
    const { certificate } = first.bundle;
    const { crypto } = world.deps;
    expect(verifyCertificate(crypto, world.keyList(), certificate, world.now)).toMatchObject({
      merchantId: first.merchantId,
      name: "Second Shop",
      origins: [SHOP],
      currency: "EUR",
      scale: 4,
    });
    await revokeMerchant(world.deps, first.merchantId);
    expect(await listMerchants(world.deps)).toContainEqual(
      expect.objectContaining({ applicationId, merchantId: first.merchantId, state: "revoked" }),
    );
  });

  test("that was rejected stays so: it is not approved, and only a new one waits again", async () => {
    const document = await signedApplication("Unwelcome Shop");
    const { applicationId } = await registerApplication(world.deps, document);
    await rejectApplication(world.deps, applicationId);
    const rejectedAt = world.now;
    world.now += 1;
    await rejectApplication(world.deps, applicationId);
    const ring = world.deps.keyRings.current();
    expect(await readApplication(world.deps, ring, applicationId)).toEqual({ state: "rejected" });
    await expect(approveMerchant(world.deps, applicationId)).rejects.toMatchObject({
      code: "already-done",
    });
    expect(await registerApplication(world.deps, document)).toEqual({
      applicationId,
      state: "rejected",
      isNew: false,
    });
    expect(await listMerchants(world.deps)).toContainEqual(
      expect.objectContaining({ applicationId, merchantId: null, state: "rejected" }),
    );
    const [logged, ...more] = await world.database.query<{ action: string; at: bigint }>(
      "select action, at from operator_log where subject = $1",
      [applicationId],
    );
    expect([logged, more]).toEqual([{ action: "merchant reject", at: BigInt(rejectedAt) }, []]);
    const anew = await registerApplication(world.deps, await signedApplication("Unwelcome Shop"));
    expect(anew).toMatchObject({ state: "pending", isNew: true });
    await approveMerchant(world.deps, anew.applicationId);
  });

  test("that was approved is not rejected", async () => {
    const { applicationId } = await registerApplication(world.deps, await signedApplication());
    const { bundle, merchantId } = await approveMerchant(world.deps, applicationId);
    await expect(rejectApplication(world.deps, applicationId)).rejects.toMatchObject({
      code: "already-done",
      message: expect.stringContaining(`merchant revoke ${merchantId}`),
    });
    const ring = world.deps.keyRings.current();
    expect(await readApplication(world.deps, ring, applicationId)).toEqual({
      state: "approved",
      bundle,
    });
  });

  test("that was rejected makes room in the public queue", async () => {
    const waiting = (await listMerchants(world.deps)).filter(({ state }) => state === "pending");
    const { applicationId } = await registerApplication(world.deps, await signedApplication());
    const document = await signedApplication();
    const mostPending = waiting.length + 1;
    await expect(registerApplication(world.deps, document, mostPending)).rejects.toMatchObject({
      code: "already-done",
    });
    await rejectApplication(world.deps, applicationId);
    expect(await registerApplication(world.deps, document, mostPending)).toMatchObject({
      isNew: true,
    });
  });

  test("that was changed after signing is refused", async () => {
    const [header, payload, signature] = (await signedApplication()).split(".");
    const claims = JSON.parse(Buffer.from(payload ?? "", "base64url").toString());
    const forged = Buffer.from(JSON.stringify({ ...claims, name: "Other" })).toString("base64url");
    await expect(
      registerApplication(world.deps, `${header}.${forged}.${signature}`),
    ).rejects.toMatchObject({ code: "application-invalid" });
    await expect(registerApplication(world.deps, "nonsense")).rejects.toMatchObject({
      code: "application-invalid",
    });
  });

  test("of the operator's own is taken, though strangers have filled the public queue", async () => {
    const mostPending = 2;
    for (const name of ["Stranger 1", "Stranger 2", "Stranger 3"]) {
      await registerApplication(world.deps, await signedApplication(name));
    }
    const document = await signedApplication("Own Shop");
    await expect(registerApplication(world.deps, document, mostPending)).rejects.toMatchObject({
      code: "already-done",
    });
    const { applicationId } = await registerApplication(world.deps, document);
    // What is registered is told in public all the same.
    expect(await registerApplication(world.deps, document, mostPending)).toMatchObject({
      applicationId,
      isNew: false,
    });
  });

  test("or a merchant that does not exist is said so", async () => {
    await expect(approveMerchant(world.deps, id())).rejects.toMatchObject({
      code: "application-unknown",
    });
    await expect(rejectApplication(world.deps, id())).rejects.toMatchObject({
      code: "application-unknown",
    });
    await expect(revokeMerchant(world.deps, id())).rejects.toMatchObject({
      code: "merchant-unknown",
    });
  });
});
