/** Processes that hold PIN keys, and rotations of the key, on a test's database. */
import { fromBase64url } from "@chit/protocol";
import type { PinKeySource } from "../../src/keys/outside-keys.ts";
import type { RotationDeps } from "../../src/keys/pin-key-rotation.ts";
import { openPinKeys, type PinKeys } from "../../src/keys/pin-keys.ts";
import type { PaymentDeps } from "../../src/payment/process.ts";
import type { Database } from "../../src/store/database.ts";
import type { Wallet } from "./wallet.ts";
import { random, type World } from "./world.ts";

/** The file with the PIN keys, newest first. */
export interface KeyFile extends PinKeySource {
  keys: Uint8Array[];
}

export function keyFileOf(world: World): KeyFile {
  const file: KeyFile = {
    keys: [fromBase64url(world.environment.CHIT_PIN_KEY)],
    read: async () => file.keys,
    replace: async (keys) => {
      file.keys = [...keys];
    },
  };
  return file;
}

/** A TPS or a telephone service that reads `file`, and has told so. */
export async function startProcess(
  world: World,
  file: KeyFile,
  kind: "tps" | "vru",
  database: Database = world.database,
): Promise<PinKeys> {
  const platform = { nowSeconds: () => world.now, randomBytes: random };
  const process = `pay-${kind}, process 1`;
  const keys = await openPinKeys({ database, platform }, () => file.read(), { kind, process });
  await keys.refresh();
  return keys;
}

/** The TPS with the PIN keys of a process. */
export function paysWith(world: World, keys: PinKeys): PaymentDeps {
  return { ...world.deps, pinVault: keys.vault };
}

/** What a rotation needs. While it waits, `meanwhile` happens. */
export function rotationOf(
  world: World,
  source: PinKeySource,
  meanwhile: () => Promise<unknown> = async () => undefined,
): RotationDeps & { readonly said: string[] } {
  const said: string[] = [];
  return {
    ...world.deps,
    platform: {
      nowSeconds: () => world.now,
      randomBytes: random,
      sleep: async () => void (await meanwhile()),
    },
    source,
    said,
    say: (text) => void said.push(text),
  };
}

/** PINs by the id of the key that they are sealed under. */
export async function sealedUnder(world: World): Promise<Record<string, number>> {
  const rows = await world.database.query<{ key: string; pins: bigint }>(
    `select modified_pin_key_id as key, count(*) as pins from devices
     where modified_pin_key_id is not null group by 1`,
  );
  return Object.fromEntries(rows.map(({ key, pins }) => [key, Number(pins)]));
}

/** Devices with sealed PINs, as many as an afternoon's activations. */
export async function addSealedPins(
  world: World,
  tps: PinKeys,
  { accountId }: Pick<Wallet, "accountId">,
  number: number,
): Promise<void> {
  for (let i = 0; i < number; i++) {
    const deviceId = `device-${String(i).padStart(15, "0")}`;
    const { sealed, keyId } = tps.vault.seal(random(32), accountId, deviceId);
    await world.database.query(
      `insert into devices (account_id, device_id, public_key, name, activated_at, pin_state, modified_pin,
                            modified_pin_key_id)
       values ($1, $2, $3, 'Laptop', 0, 'active', $4, $5)`,
      [accountId, deviceId, random(32), sealed, keyId],
    );
  }
}
