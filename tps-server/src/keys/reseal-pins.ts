/** Sealing modified PINs anew, under the key that seals now: small batches, so that no payment waits for long. */
import { openModifiedPin, sealModifiedPin } from "../accounts/pin-state.ts";
import type { TpsDeps } from "../deps.ts";
import { OperatorError } from "../errors.ts";
import { LIMITS } from "../limits.ts";
import { one, type Queryable } from "../store/database.ts";
import { retiringKeys } from "./rotate-pin-key.ts";
import type { SealedValue, Vault } from "./vault.ts";

interface SealedRow {
  account_id: string;
  device_id: string;
  modified_pin: Buffer;
  modified_pin_key_id: string;
}

/** How a pass over the PINs under retiring keys went. */
export interface Resealed {
  readonly resealed: number;
  /** Under a retiring key all the same: locked by a payment just now, or damaged. */
  readonly left: number;
  /** Devices whose PIN does not open: it was changed or moved in the database. */
  readonly damaged: readonly { readonly accountId: string; readonly deviceId: string }[];
}

/**
 * One pass. May be broken off after any batch, and repeated.
 *
 * @param vault opens the retiring keys' values and seals under the key that seals now
 * @param progress told after every batch how many are done
 */
export async function resealPins(
  { database }: Pick<TpsDeps, "database">,
  vault: Vault,
  progress: (done: number) => void,
): Promise<Resealed> {
  const { retiring } = await retiringKeys(database);
  const damaged: { accountId: string; deviceId: string }[] = [];
  let done = 0;
  for (const keyId of retiring) {
    let after: readonly [string, string] | undefined = ["", ""];
    while (after !== undefined) {
      const from: readonly [string, string] = after;
      const batch = await database.transaction((tx) => resealBatch(tx, vault, keyId, from));
      damaged.push(...batch.damaged);
      done += batch.resealed;
      after = batch.last;
      if (batch.resealed > 0) progress(done);
    }
  }
  const row = one(
    await database.query<{ left: bigint }>(
      `select count(*) as left from devices where modified_pin_key_id = any($1)`,
      [retiring],
    ),
  );
  return { resealed: done, left: Number(row?.left ?? 0n), damaged };
}

interface Batch {
  readonly resealed: number;
  readonly damaged: { accountId: string; deviceId: string }[];
  /** Where the next batch begins; undefined after the last one. */
  readonly last: readonly [string, string] | undefined;
}

/** Rows that a payment has locked are left for the next pass: nobody waits here, and nobody can wait for us in a ring. */
async function resealBatch(
  tx: Queryable,
  vault: Vault,
  keyId: string,
  [accountId, deviceId]: readonly [string, string],
): Promise<Batch> {
  const rows = await tx.query<SealedRow>(
    `select account_id, device_id, modified_pin, modified_pin_key_id from devices
     where modified_pin_key_id = $1 and (account_id, device_id) > ($2, $3)
     order by account_id, device_id limit $4 for no key update skip locked`,
    [keyId, accountId, deviceId, LIMITS.pinKeyBatch],
  );
  const damaged: Batch["damaged"] = [];
  const fresh = rows.flatMap((row) => {
    const sealed = sealAnew(vault, row);
    if (sealed !== undefined) return [{ row, sealed }];
    damaged.push({ accountId: row.account_id, deviceId: row.device_id });
    return [];
  });
  await tx.query(
    `update devices d set modified_pin = f.modified_pin, modified_pin_key_id = f.key_id
     from unnest($1::text[], $2::text[], $3::bytea[], $4::text[]) as f (account_id, device_id, modified_pin, key_id)
     where d.account_id = f.account_id and d.device_id = f.device_id`,
    [
      fresh.map(({ row }) => row.account_id),
      fresh.map(({ row }) => row.device_id),
      fresh.map(({ sealed }) => sealed.sealed),
      fresh.map(({ sealed }) => sealed.keyId),
    ],
  );
  const last = rows.at(-1);
  return {
    resealed: fresh.length,
    damaged,
    last: last && [last.account_id, last.device_id],
  };
}

/** The same modified PIN under the key that seals; undefined when it does not open. */
function sealAnew(vault: Vault, row: SealedRow): SealedValue | undefined {
  const device = { accountId: row.account_id, deviceId: row.device_id };
  const stored = { sealed: row.modified_pin, keyId: row.modified_pin_key_id };
  try {
    return sealModifiedPin(vault, device, openModifiedPin(vault, device, stored));
  } catch (error) {
    if (error instanceof OperatorError && vault.keyIds().includes(stored.keyId)) return undefined;
    throw error;
  }
}
