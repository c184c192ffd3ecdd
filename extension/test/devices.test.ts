/** The account's devices: the list, revoking, inviting. */
import {
  activationSecretHash,
  DEVICES_PATH,
  type Device,
  parseActivationLink,
} from "@chit/protocol";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { activate, refreshStatus } from "../src/cts/account.ts";
import { askDevices, inviteDevice } from "../src/cts/devices.ts";
import { accountView, devicesView } from "../src/cts/views.ts";
import {
  accountOf,
  createWorld,
  type Life,
  offered,
  pay,
  seededBytes,
  type World,
  withAccount,
} from "./support/world.ts";

const other = (name: string, rest: Partial<Device> = {}): Device => ({
  deviceId: `${name}${"A".repeat(22)}`.slice(0, 21).concat("A"),
  name,
  state: "active",
  pin: "active",
  activatedAt: 1_700_000_000,
  lastUsedAt: null,
  checkNumber: "0038",
  ...rest,
});

let world: World;
let life: Life;
let accountKey: string;
beforeEach(async () => {
  world = await createWorld();
  life = await world.start();
  ({ accountKey } = await withAccount(world, life));
});
afterEach(() => world.stop());

const list = () => askDevices(life.deps, accountKey, { action: "list" });
const revoke = (deviceId: string) =>
  askDevices(life.deps, accountKey, { action: "revoke", deviceId });

describe("the devices of an account", () => {
  test("are listed as the TPS tells them, this one first, revoked ones last", async () => {
    world.tps.others.push(
      other("gone", { state: "revoked", lastUsedAt: 1_790_000_000 }),
      other("attic"),
      other("desk", { lastUsedAt: 1_790_000_000 }),
    );
    const account = await accountOf(life);
    const { devices } = devicesView(account, await list());
    expect(devices.map(({ name }) => name)).toEqual([account.deviceName, "desk", "attic", "gone"]);
    expect(devices.map(({ thisDevice }) => thisDevice)).toEqual([true, false, false, false]);
    expect(devices[0]?.checkNumber).toBe(accountView(account).checkNumber);
  });

  test("another one is revoked, and the answer shows it; said again, nothing changes", async () => {
    const desk = other("desk");
    world.tps.others.push(desk);
    const { devices } = await revoke(desk.deviceId);
    expect(devices.find(({ deviceId }) => deviceId === desk.deviceId)?.state).toBe("revoked");
    expect(await revoke(desk.deviceId)).toEqual({ devices, inviteExpiresAt: null });
    expect((await accountOf(life)).condition).toBe("active");
  });

  test("this one revokes itself, knows it, and is told from then on", async () => {
    const { deviceId } = await accountOf(life);
    await expect(revoke(deviceId)).rejects.toMatchObject({ code: "device-revoked" });
    expect((await accountOf(life)).condition).toBe("device-revoked");
    await expect(pay(life, await offered(world, life))).rejects.toMatchObject({
      code: "device-revoked",
    });
  });

  test("one that was revoked elsewhere learns it from the list; pages are told once", async () => {
    world.tps.device.revoked = true;
    let told = 0;
    const changed = () => {
      told += 1;
    };
    const deps = { ...life.deps, changed };
    for (const _ of [1, 2]) {
      const asked = askDevices(deps, accountKey, { action: "list" });
      await expect(asked).rejects.toMatchObject({ code: "device-revoked" });
    }
    expect((await accountOf(life)).condition).toBe("device-revoked");
    expect(told).toBe(1);
  });

  test("are not told to a device that the TPS does not know, or that has no PIN yet", async () => {
    world.tps.device.modifiedPin = null;
    await expect(list()).rejects.toMatchObject({ code: "awaiting-pin" });
    world.tps.device.key = seededBytes("another")(32);
    await expect(list()).rejects.toMatchObject({ code: "device-unknown" });
  });

  test("are asked for again under the issuer's new key; a silent issuer is said to be silent", async () => {
    await world.tps.rotateSealingKey(false);
    expect((await list()).devices).toHaveLength(1);
    world.tps.server.fault = ({ path }) => (path === DEVICES_PATH ? "lose" : undefined);
    await expect(list()).rejects.toMatchObject({ code: "issuer-unreachable" });
  });

  test("one more is invited by a link whose secret never leaves the wallet", async () => {
    const { link, expiresAt } = await inviteDevice(life.deps, accountKey);
    const { issuer, rootKey, secret } = parseActivationLink(link);
    expect(issuer).toBe(world.tps.server.origin);
    expect(rootKey).toEqual((await accountOf(life)).rootKey);
    expect(world.tps.invited).toEqual([activationSecretHash(secret)]);
    expect(expiresAt).toBe(world.clock.now + 86_400);
    const again = await inviteDevice(life.deps, accountKey);
    expect(again.link).not.toBe(link);
    await expect(inviteDevice(life.deps, accountKey)).rejects.toMatchObject({
      code: "too-many-invites",
    });
  });

  test("set up anew after it was revoked, the wallet holds the account once", async () => {
    world.tps.device.revoked = true;
    await refreshStatus(life.deps, accountKey);
    await expect(activate(life.deps, world.tps.link, "Laptop")).rejects.toMatchObject({
      code: "activation-used",
    });
    // A new link makes a new device of the same account.
    const { device, secret } = world.tps;
    Object.assign(device, { revoked: false, key: new Uint8Array(), deviceId: world.tps.id() });
    secret.set(seededBytes("another link")(16));
    const account = await activate(life.deps, world.tps.link, "Laptop");
    expect(account.accountKey).not.toBe(accountKey);
    expect(await life.deps.store.accounts()).toEqual([account]);
  });
});
