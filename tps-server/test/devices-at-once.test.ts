import { afterAll, beforeAll, expect, test } from "vitest";
import { addDevice, askDevices, newInvitation } from "./support/devices.ts";
import { createWallet, recordOf, type Wallet } from "./support/wallet.ts";
import { createWorld, type World } from "./support/world.ts";

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

/** Pays until it has paid `most` times or is told that it must not. */
async function payOn(device: Wallet, most: number, amount: bigint): Promise<string[]> {
  const seen: string[] = [];
  while (seen.length < most) {
    const { outcome } = await device.pay({ amount });
    seen.push(outcome);
    if (outcome === "device-revoked") break;
  }
  return seen;
}

const countOf = (outcomes: readonly string[], wanted: string) =>
  outcomes.filter((outcome) => outcome === wanted).length;

test("two devices that pay at once from one balance spend it to the last unit, and never below", async () => {
  const one = await createWallet(world, 1_000n);
  const two = await addDevice(one);
  const outcomes = await Promise.all([payOn(one, 12, 70n), payOn(two, 12, 70n)]);
  expect(countOf(outcomes.flat(), "paid")).toBe(14);
  expect(countOf(outcomes.flat(), "denied")).toBe(10);
  expect(await recordOf(one)).toMatchObject({ balance: 20n, count: 12, payments: 24 });
  expect(await recordOf(two)).toMatchObject({ balance: 20n, count: 12 });
});

test("a revocation among payments: each was paid before it, or refused after it; the other device pays on", async () => {
  for (let round = 0; round < 5; round++) {
    const owner = await createWallet(world, 10_000n);
    const lost = await addDevice(owner);
    let revoked = false;
    const [lostOutcomes, ownOutcomes] = await Promise.all([
      payOn(lost, 60, 10n),
      payOn(owner, 5, 10n),
      (async () => {
        for (let i = 0; i <= round; i++) await owner.world.database.query("select pg_sleep(0.01)");
        await askDevices(owner, { action: "revoke", deviceId: lost.deviceId });
        revoked = true;
      })(),
    ]);
    expect(revoked).toBe(true);
    expect(lostOutcomes.at(-1)).toBe("device-revoked");
    expect(countOf(lostOutcomes, "paid")).toBe(lostOutcomes.length - 1);
    expect(ownOutcomes).toEqual(Array.from({ length: 5 }, () => "paid"));
    const paid = BigInt(countOf(lostOutcomes, "paid") + 5);
    expect(await recordOf(lost)).toMatchObject({ balance: 10_000n - 10n * paid });
    expect((await lost.pay()).outcome).toBe("device-revoked");
  }
});

test("payments, lists, invitations and revocations at once wait for each other and end", async () => {
  const one = await createWallet(world, 10_000n);
  const two = await addDevice(one);
  const three = await addDevice(one);
  await Promise.all([
    payOn(one, 10, 10n),
    payOn(two, 10, 10n),
    payOn(three, 10, 10n),
    ...[one, two, three].flatMap((device) => [
      askDevices(device, { action: "list" }),
      askDevices(device, newInvitation(device, "once").action),
      askDevices(device, newInvitation(device, "recovery").action),
    ]),
    askDevices(two, { action: "revoke", deviceId: three.deviceId }),
  ]);
  expect((await askDevices(one, { action: "list" })).outcome).toBe("devices");
  expect((await three.pay()).outcome).toBe("device-revoked");
  expect(await recordOf(one)).toMatchObject({ count: 10 });
});
