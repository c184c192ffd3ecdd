import { type Device, type Devices, LIMITS } from "@chit/protocol";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { linkDevice } from "../src/accounts/accounts.ts";
import { answerDevices } from "../src/accounts/devices.ts";
import {
  addDevice,
  askDevices,
  newInvitation,
  newSigner,
  prepareDevices,
  sendDevices,
} from "./support/devices.ts";
import { waitingForLocks } from "./support/locks.ts";
import { activate, createWallet, type Wallet } from "./support/wallet.ts";
import { createWorld, id, type World } from "./support/world.ts";

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

const LIST = { action: "list" } as const;
const listed = (answer: Devices): Device[] => {
  if (answer.outcome !== "devices") throw new Error(`The answer is ${answer.outcome}.`);
  return answer.devices;
};
const logOf = async ({ accountId }: Pick<Wallet, "accountId">) =>
  (
    await world.database.query<{ action: string }>(
      "select action from device_log where account_id = $1 order by entry",
      [accountId],
    )
  ).map(({ action }) => action);

describe("the list", () => {
  test("tells the account's devices, this one first, and when each was used last", async () => {
    const wallet = await createWallet(world);
    const other = await addDevice(wallet);
    const before = world.now;
    expect((await other.pay()).outcome).toBe("paid");
    world.now += 60;
    expect((await other.pay({ amount: 9_999_999n })).outcome).toBe("denied");
    const devices = listed(await askDevices(wallet, LIST));
    expect(devices.map(({ deviceId }) => deviceId)).toEqual([wallet.deviceId, other.deviceId]);
    expect(devices[0]).toMatchObject({ state: "active", pin: "active", lastUsedAt: null });
    expect(devices[1]).toMatchObject({ name: "Chromium on Linux", lastUsedAt: before + 60 });
    expect(devices[0]?.checkNumber).not.toBe(devices[1]?.checkNumber);
  });

  test("is told to nobody else: not to a stranger, nor about another account, in replies of one size", async () => {
    const wallet = await createWallet(world);
    const neighbour = await createWallet(world);
    const own = await sendDevices(wallet, await prepareDevices(wallet, LIST));
    for (const asker of [
      { ...wallet, signer: newSigner() },
      { ...wallet, accountId: id() },
      { ...wallet, deviceId: id() },
      { ...neighbour, accountId: wallet.accountId },
      { ...neighbour, deviceId: wallet.deviceId },
    ]) {
      const answer = await sendDevices(wallet, await prepareDevices(asker, LIST));
      expect(answer).toEqual({ ...answer, outcome: "refused", bytes: own.bytes });
      expect(answer).not.toHaveProperty("devices");
    }
  });

  test("holds what fits: the asking and the active ones before the revoked ones", async () => {
    const wallet = await createWallet(world);
    const devices: Wallet[] = [];
    for (let i = 0; i < LIMITS.devicesTold + 2; i++) {
      devices.push(await activate(world, await linkDevice(world.deps, wallet.accountId)));
    }
    const old = devices.slice(0, 5);
    for (const { deviceId } of old) await askDevices(wallet, { action: "revoke", deviceId });
    const told = listed(await askDevices(wallet, LIST));
    expect(told).toHaveLength(LIMITS.devicesTold);
    expect(told[0]?.deviceId).toBe(wallet.deviceId);
    expect(told.filter(({ state }) => state === "active")).toHaveLength(devices.length - 5 + 1);
  });
});

describe("revoking", () => {
  test("another device is final, said again harmless, and its payments are refused", async () => {
    const wallet = await createWallet(world);
    const lost = await addDevice(wallet);
    const underWay = await lost.request();
    const action = { action: "revoke", deviceId: lost.deviceId } as const;
    const request = await prepareDevices(wallet, action);
    for (let i = 0; i < 3; i++) {
      const devices = listed(await sendDevices(wallet, request));
      expect(devices.map(({ state }) => state)).toEqual(["active", "revoked"]);
    }
    expect((await lost.receive(underWay, await lost.send(underWay))).outcome).toBe(
      "device-revoked",
    );
    expect((await askDevices(lost, LIST)).outcome).toBe("device-revoked");
    const back = { action: "revoke", deviceId: wallet.deviceId } as const;
    expect((await askDevices(lost, back)).outcome).toBe("device-revoked");
    expect((await wallet.pay()).outcome).toBe("paid");
    expect(await logOf(wallet)).toEqual(["activate", "invite once", "activate", "revoke"]);
  });

  test("itself is answered as every question after it", async () => {
    const wallet = await createWallet(world);
    const action = { action: "revoke", deviceId: wallet.deviceId } as const;
    expect(await askDevices(wallet, action)).toMatchObject({ outcome: "device-revoked" });
    expect(await askDevices(wallet, action)).toMatchObject({ outcome: "device-revoked" });
    expect((await wallet.pay()).outcome).toBe("device-revoked");
  });

  test("a device of another account, or of nobody, does nothing", async () => {
    const wallet = await createWallet(world);
    const neighbour = await createWallet(world);
    for (const deviceId of [neighbour.deviceId, id()]) {
      expect(listed(await askDevices(wallet, { action: "revoke", deviceId }))).toHaveLength(1);
    }
    expect((await neighbour.pay()).outcome).toBe("paid");
    expect(await logOf(wallet)).toEqual(["activate"]);
  });

  test("two devices that revoke each other: one of them comes first, and stays", async () => {
    const one = await createWallet(world);
    const two = await addDevice(one);
    let both: Promise<Devices[]> | undefined;
    await world.database.transaction(async (tx) => {
      await tx.query("select 1 from accounts where account_id = $1 for update", [one.accountId]);
      both = Promise.all([
        askDevices(one, { action: "revoke", deviceId: two.deviceId }),
        askDevices(two, { action: "revoke", deviceId: one.deviceId }),
      ]);
      // Both were found active, and wait.
      await waitingForLocks(world, 2);
    });
    await both;
    const outcomes = [await askDevices(one, LIST), await askDevices(two, LIST)];
    expect(outcomes.map(({ outcome }) => outcome).sort()).toEqual(["device-revoked", "devices"]);
  });

  test("needs more than an activation link: a device without a PIN can only take itself away", async () => {
    const wallet = await createWallet(world);
    const thief = await activate(world, await linkDevice(world.deps, wallet.accountId));
    for (const action of [
      LIST,
      { action: "revoke", deviceId: wallet.deviceId } as const,
      newInvitation(thief, "recovery").action,
    ]) {
      expect((await askDevices(thief, action)).outcome).toBe("awaiting-pin");
    }
    const leaves = { action: "revoke", deviceId: thief.deviceId } as const;
    expect((await askDevices(thief, leaves)).outcome).toBe("device-revoked");
    expect((await wallet.pay()).outcome).toBe("paid");
  });
});

test("a request for another issuer, or spoilt, gets no sealed answer", async () => {
  const wallet = await createWallet(world);
  const { body } = await prepareDevices(wallet, LIST);
  const spoilt = Uint8Array.from(body);
  spoilt[spoilt.length - 10] = (spoilt[spoilt.length - 10] ?? 0) ^ 1;
  await expect(answerDevices(world.deps, spoilt)).rejects.toThrow();
});
