/** Links by which one more device joins an account: made in a wallet, or carried by its backup. */
import { activationSecretHash, LIMITS, parseActivationLink } from "@chit/protocol";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { linkDevice } from "../src/accounts/accounts.ts";
import { withdrawInvitations } from "../src/activation/invitations.ts";
import {
  addDevice,
  askDevices,
  invite,
  newInvitation,
  newSigner,
  outcomeOf,
  prepareDevices,
  sendDevices,
} from "./support/devices.ts";
import { activate, createWallet, type Wallet } from "./support/wallet.ts";
import { createWorld, id, type World } from "./support/world.ts";

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

describe("an invitation", () => {
  test("for one device makes one, which cannot pay before the telephone", async () => {
    const wallet = await createWallet(world);
    const { action, link } = newInvitation(wallet, "once");
    const expires = world.now + LIMITS.invitationSeconds;
    expect(await askDevices(wallet, action)).toMatchObject({ inviteExpiresAt: expires });
    world.now += 60;
    expect(await askDevices(wallet, action)).toMatchObject({ inviteExpiresAt: expires });
    const signer = newSigner();
    const device = await activate(world, link, signer);
    expect((await activate(world, link, signer)).deviceId).toBe(device.deviceId);
    expect(await outcomeOf(activate(world, link))).toBe("refused");
    expect(device.accountId).toBe(wallet.accountId);
    expect((await device.pay()).outcome).toBe("awaiting-pin");
  });

  test("for one device ends after a day, and with the device that made it", async () => {
    const wallet = await createWallet(world);
    const late = await invite(wallet, "once");
    world.now += LIMITS.invitationSeconds + 1;
    await world.deps.keyRings.reload();
    expect(await outcomeOf(activate(world, late))).toBe("refused");
    const stolen = await addDevice(wallet);
    const made = await invite(stolen, "once");
    await askDevices(wallet, { action: "revoke", deviceId: stolen.deviceId });
    expect(await outcomeOf(activate(world, made))).toBe("refused");
  });

  test("for recovery makes a new device each time, of its own key, and never ends", async () => {
    const wallet = await createWallet(world);
    const link = await invite(wallet, "recovery");
    await wallet.pay();
    await askDevices(wallet, { action: "revoke", deviceId: wallet.deviceId });
    world.now += 200 * 86_400;
    await world.deps.keyRings.reload();
    const signer = newSigner();
    const restored = await activate(world, link, signer);
    expect((await activate(world, link, signer)).deviceId).toBe(restored.deviceId);
    const again = await activate(world, link);
    expect(new Set([wallet, restored, again].map(({ deviceId }) => deviceId)).size).toBe(3);
    expect((await restored.pay()).outcome).toBe("awaiting-pin");
    await restored.setPinByTelephone();
    restored.adoptPin(1);
    const paid = await restored.pay();
    expect(paid).toMatchObject({ outcome: "paid", nextCount: 1, balance: 975_000n });
    expect((await again.pay()).outcome).toBe("awaiting-pin");
  });

  test("is void where the secret is registered otherwise: another account's, the operator's, for another use", async () => {
    const wallet = await createWallet(world);
    const { action } = newInvitation(wallet, "once");
    expect((await askDevices(wallet, action)).outcome).toBe("devices");
    const other = await createWallet(world);
    expect((await askDevices(other, action)).outcome).toBe("invitation-void");
    const recovery = { ...action, use: "recovery" } as const;
    expect((await askDevices(wallet, recovery)).outcome).toBe("invitation-void");
    const { secret } = parseActivationLink(await linkDevice(world.deps, wallet.accountId));
    const operators = { ...action, secretHash: activationSecretHash(secret) };
    expect((await askDevices(wallet, operators)).outcome).toBe("invitation-void");
  });

  test("is void once it is withdrawn, also for whoever sends the old message again", async () => {
    const wallet = await createWallet(world);
    const { action, link } = newInvitation(wallet, "recovery");
    const message = await prepareDevices(wallet, action);
    expect((await sendDevices(wallet, message)).outcome).toBe("devices");
    await invite(wallet, "once");
    await linkDevice(world.deps, wallet.accountId);
    expect(await withdrawInvitations(world.deps, wallet.accountId)).toBe(3);
    expect(await withdrawInvitations(world.deps, wallet.accountId)).toBe(0);
    expect((await sendDevices(wallet, message)).outcome).toBe("invitation-void");
    expect(await outcomeOf(activate(world, link))).toBe("refused");
    await expect(withdrawInvitations(world.deps, id())).rejects.toMatchObject({
      code: "account-unknown",
    });
  });
});

describe("nobody floods an account", () => {
  const tryInvite = async (wallet: Wallet, use: "once" | "recovery") =>
    (await askDevices(wallet, newInvitation(wallet, use).action)).outcome;

  test("invitations and devices that wait for a PIN are few, also when they come at once", async () => {
    const wallet = await createWallet(world);
    const tries = Array.from({ length: LIMITS.devicesAwaiting + 3 }, () =>
      tryInvite(wallet, "once"),
    );
    const outcomes = await Promise.all(tries);
    const count = (wanted: string) => outcomes.filter((outcome) => outcome === wanted).length;
    expect([count("devices"), count("too-many-invites")]).toEqual([LIMITS.devicesAwaiting, 3]);
    world.now += LIMITS.invitationSeconds + 1;
    await world.deps.keyRings.reload();
    expect(await tryInvite(wallet, "once")).toBe("devices");
  });

  test("a backup's secret makes no more devices than may wait; a PIN or a revocation makes room", async () => {
    const wallet = await createWallet(world);
    const link = await invite(wallet, "recovery");
    const tries = Array.from({ length: LIMITS.devicesAwaiting + 2 }, () => activate(world, link));
    const settled = await Promise.allSettled(tries);
    const made = settled.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
    expect(made).toHaveLength(LIMITS.devicesAwaiting);
    expect(await outcomeOf(activate(world, link))).toBe("too-many-devices");
    expect(await tryInvite(wallet, "once")).toBe("too-many-invites");
    // The operator's own links are not counted, nor stopped.
    const operators = await linkDevice(world.deps, wallet.accountId);
    expect(await outcomeOf(activate(world, operators))).toBe("activated");
    await askDevices(wallet, { action: "revoke", deviceId: made[0]?.deviceId ?? "" });
    await made[1]?.setPinByTelephone();
    expect(await outcomeOf(activate(world, link))).toBe("activated");
    expect(await outcomeOf(activate(world, link))).toBe("activated");
    expect(await outcomeOf(activate(world, link))).toBe("too-many-devices");
  });

  test("nor does one who revokes what was just invited: a day has its number", async () => {
    const wallet = await createWallet(world);
    let joined = 0;
    for (;;) {
      const { action, link } = newInvitation(wallet, "once");
      if ((await askDevices(wallet, action)).outcome !== "devices") break;
      const { deviceId } = await activate(world, link);
      await askDevices(wallet, { action: "revoke", deviceId });
      joined += 1;
    }
    expect(joined).toBe(LIMITS.invitedDevicesInADay);
  });

  test("secrets for backups have a number as well, and the same one again is none more", async () => {
    const wallet = await createWallet(world);
    const first = newInvitation(wallet, "recovery").action;
    expect((await askDevices(wallet, first)).outcome).toBe("devices");
    for (let i = 1; i < LIMITS.recoveryInvitations; i++) await invite(wallet, "recovery");
    expect(await tryInvite(wallet, "recovery")).toBe("too-many-invites");
    expect((await askDevices(wallet, first)).outcome).toBe("devices");
  });
});
