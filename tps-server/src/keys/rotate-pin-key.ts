/**
 * Changing the key that seals modified PINs, while payments and telephone calls go on. Each step is one
 * transaction, may be repeated, and may be the last one for a while:
 *
 * 1. announce: the database names the new key. Every process that starts from now on must hold it.
 * 2. switch, once every running process holds it: new PINs are sealed under it. The old key retires.
 * 3. re-seal what is still under the old key (reseal-pins.ts).
 * 4. drop the old key, once nothing is sealed under it and no process seals under it any more.
 *
 * So at no moment does a running process meet a PIN that it cannot open.
 */
import type { TpsDeps } from "../deps.ts";
import { OperatorError } from "../errors.ts";
import { LIMITS } from "../limits.ts";
import { logOperation } from "../operator-log.ts";
import { one, type Queryable } from "../store/database.ts";
import { type KnownPinKey, readPinKeys } from "./pin-keys.ts";

/** A running process, and the PIN keys that it says it holds. */
export interface SeenHolder {
  readonly kind: "tps" | "vru";
  readonly process: string;
  readonly keyIds: readonly string[];
  readonly sealsUnder: string;
}

/** The processes that were heard of lately. */
export async function readHolders(
  { platform }: Pick<TpsDeps, "platform">,
  tx: Queryable,
): Promise<SeenHolder[]> {
  return tx.query<SeenHolder & object>(
    `select kind, process, key_ids as "keyIds", seals_under as "sealsUnder"
     from pin_key_holders where seen_at >= $1 order by kind, process`,
    [platform.nowSeconds() - LIMITS.pinKeyHolderSeconds],
  );
}

/** Keys with the number of PINs sealed under each. */
export async function countSealed(
  tx: Queryable,
): Promise<(KnownPinKey & { readonly pins: number })[]> {
  const rows = await tx.query<KnownPinKey & { pins: bigint }>(
    `select k.key_id as "keyId", k.state,
            (select count(*) from devices d where d.modified_pin_key_id = k.key_id) as pins
     from pin_keys k order by k.since, k.key_id`,
  );
  return rows.map((row) => ({ ...row, pins: Number(row.pins) }));
}

/**
 * Step 1.
 *
 * @throws {OperatorError} `already-done` while another key is being introduced or retired
 */
export async function announcePinKey(deps: TpsDeps, keyId: string): Promise<void> {
  await changeKeys(deps, async (tx, known) => {
    if (known.some((key) => key.keyId === keyId)) return;
    if (known.length !== 1) {
      throw new OperatorError(
        "already-done",
        "A rotation of the PIN key is under way. Finish it before you begin another.",
      );
    }
    await tx.query("insert into pin_keys (key_id, state, since) values ($1, 'announced', $2)", [
      keyId,
      deps.platform.nowSeconds(),
    ]);
    await logOperation(deps, tx, "pin-key announce", keyId);
  });
}

/**
 * Step 2. Does nothing where nothing is announced.
 *
 * @throws {OperatorError} `processes-behind` while a running process does not hold the announced key
 */
export async function switchPinKey(deps: TpsDeps): Promise<void> {
  await changeKeys(deps, async (tx, known) => {
    const announced = known.find(({ state }) => state === "announced");
    if (announced === undefined) return;
    const behind = (await readHolders(deps, tx)).filter(
      ({ keyIds }) => !keyIds.includes(announced.keyId),
    );
    if (behind.length > 0) throw processesBehind("do not hold the new PIN key yet", behind);
    await tx.query("update pin_keys set state = 'retiring' where state = 'sealing'");
    await tx.query("update pin_keys set state = 'sealing' where key_id = $1", [announced.keyId]);
    await logOperation(deps, tx, "pin-key switch", announced.keyId);
  });
}

/**
 * Step 4. Does nothing where no key retires.
 *
 * @returns the ids of the dropped keys
 * @throws {OperatorError} `processes-behind` while a running process seals under an old key; `pin-key-in-use` while a
 *   PIN is sealed under one
 */
export async function dropPinKeys(deps: TpsDeps): Promise<string[]> {
  return changeKeys(deps, async (tx) => {
    const retiring = (await countSealed(tx)).filter(({ state }) => state === "retiring");
    const ids = retiring.map(({ keyId }) => keyId);
    const behind = (await readHolders(deps, tx)).filter(({ sealsUnder }) =>
      ids.includes(sealsUnder),
    );
    if (behind.length > 0) throw processesBehind("still seal under the old PIN key", behind);
    const left = retiring.reduce((sum, { pins }) => sum + pins, 0);
    if (left > 0) {
      throw new OperatorError(
        "pin-key-in-use",
        `${left} PINs are still sealed under ${ids.join(", ")}. Nothing was dropped. Run "chit-tps pin-key rotate" again.`,
      );
    }
    for (const keyId of ids) {
      // A PIN sealed under it in this very moment would make this fail, and keep the key.
      await tx.query("delete from pin_keys where key_id = $1", [keyId]);
      await logOperation(deps, tx, "pin-key drop", keyId);
    }
    return ids;
  });
}

/** One step: no other is taken at the same time. */
async function changeKeys<T>(
  { database }: TpsDeps,
  change: (tx: Queryable, known: readonly KnownPinKey[]) => Promise<T>,
): Promise<T> {
  return database.transaction(async (tx) => {
    await tx.query("lock table pin_keys in share row exclusive mode");
    return change(tx, await readPinKeys(tx));
  });
}

/** The retiring keys' ids and the one that seals. */
export async function retiringKeys(tx: Queryable): Promise<{ retiring: string[]; seals: string }> {
  const known = await readPinKeys(tx);
  const retiring = known.filter(({ state }) => state === "retiring").map(({ keyId }) => keyId);
  return { retiring, seals: one(known.filter(({ state }) => state === "sealing"))?.keyId ?? "" };
}

function processesBehind(what: string, behind: readonly SeenHolder[]): OperatorError {
  const names = behind.map(
    ({ kind, process }) => `${kind === "tps" ? "TPS" : "telephone service"} on ${process}`,
  );
  return new OperatorError(
    "processes-behind",
    `These ${what}: ${names.join("; ")}. Those with the file look every 30 seconds; those with CHIT_PIN_KEY need the new value and a restart.`,
  );
}
