/**
 * The PIN keys of a running process. The keys come from outside (file or variable); which of them seals is said by
 * the database, so that TPS and telephone service always agree, also while the key is being changed
 * (rotate-pin-key.ts). The process tells the database which keys it holds, and looks for changes now and then.
 */
import { OperatorError } from "../errors.ts";
import { newIdentifier } from "../identifiers.ts";
import { LIMITS } from "../limits.ts";
import type { Platform } from "../platform.ts";
import type { Database, Queryable } from "../store/database.ts";
import { createVault, outsideKeyId, type Vault } from "./vault.ts";

/** A key as the database knows it. */
export interface KnownPinKey {
  readonly keyId: string;
  readonly state: "announced" | "sealing" | "retiring";
}

/** The PIN keys of this process. */
export interface PinKeys {
  /** Seals under the key that the database says; opens with all that are held. */
  readonly vault: Vault;
  /**
   * Reads keys and database again. The database hears which keys this process holds, from now on and until
   * {@link leave}.
   *
   * @throws {OperatorError} `outside-key-missing` when it must hold one that is not given; it goes on with what it has
   */
  refresh(): Promise<void>;
  /** The process ends, and nobody need wait for it. */
  leave(): Promise<void>;
}

/** Which process this is, in words for the operator. */
export interface PinKeyHolder {
  readonly kind: "tps" | "vru";
  /** "pay-1, process 4711" */
  readonly process: string;
}

interface PinKeyDeps {
  readonly database: Database;
  readonly platform: Pick<Platform, "nowSeconds" | "randomBytes">;
}

/**
 * Checks that the given keys are the ones that the database knows, and opens a vault with them.
 *
 * @param load reads the keys from outside; again at every refresh
 * @throws {OperatorError} `outside-key-missing`, `not-initialised`, and what `load` throws
 */
export async function openPinKeys(
  deps: PinKeyDeps,
  load: () => Promise<Uint8Array[]>,
  holder: PinKeyHolder,
): Promise<PinKeys> {
  const name = newIdentifier(deps.platform);
  let held = await load();
  let current = await vaultOf(deps, held);
  return {
    vault: {
      keyIds: () => current.keyIds(),
      seal: (value, ...place) => current.seal(value, ...place),
      open: (stored, ...place) => current.open(stored, ...place),
    },
    async refresh() {
      held = await withKnown(deps.database, await load(), held);
      try {
        current = await vaultOf(deps, held);
      } finally {
        await tellHeld(deps, name, holder, current.keyIds());
      }
    },
    async leave() {
      await deps.database.query("delete from pin_key_holders where holder = $1", [name]);
    },
  };
}

/**
 * Keeps the PIN keys of a process that stays up to date.
 *
 * @returns ends that, when the process does
 */
export async function keepPinKeys(
  pinKeys: PinKeys,
  platform: Pick<Platform, "every">,
  onError: (error: unknown) => void,
): Promise<() => Promise<void>> {
  await pinKeys.refresh();
  let refreshing: Promise<void> = Promise.resolve();
  const stop = platform.every(LIMITS.maintenanceMilliseconds, () => {
    refreshing = pinKeys.refresh().catch(onError);
  });
  return async () => {
    stop();
    await refreshing;
    // Where the database is away, the silence says it.
    await pinKeys.leave().catch(() => undefined);
  };
}

async function vaultOf(deps: PinKeyDeps, keys: readonly Uint8Array[]): Promise<Vault> {
  const known = await readPinKeys(deps.database);
  const sealing = requireKnown(known, keys.map(outsideKeyId));
  return createVault("pin", keys, deps.platform.randomBytes, sealing);
}

/**
 * The given keys, and those that this process had and the database still knows: a file that was damaged or put
 * back by mistake must not stop a server that works.
 */
async function withKnown(
  database: Queryable,
  given: readonly Uint8Array[],
  before: readonly Uint8Array[],
): Promise<Uint8Array[]> {
  const known = new Set((await readPinKeys(database)).map(({ keyId }) => keyId));
  const ids = new Set(given.map(outsideKeyId));
  const kept = before.filter((key) => !ids.has(outsideKeyId(key)) && known.has(outsideKeyId(key)));
  return [...given, ...kept];
}

async function tellHeld(
  { database, platform }: PinKeyDeps,
  name: string,
  { kind, process }: PinKeyHolder,
  keyIds: readonly string[],
): Promise<void> {
  const now = platform.nowSeconds();
  await database.query(
    `insert into pin_key_holders (holder, kind, process, key_ids, seals_under, seen_at)
     values ($1, $2, $3, $4, $5, $6)
     on conflict (holder) do update
       set key_ids = excluded.key_ids, seals_under = excluded.seals_under, seen_at = excluded.seen_at`,
    [name, kind, process, [...keyIds], keyIds[0], now],
  );
  // Those who ended without a word.
  await database.query("delete from pin_key_holders where seen_at < $1", [
    now - LIMITS.pinKeyHolderForgottenSeconds,
  ]);
}

/** The keys that the database knows. */
export async function readPinKeys(database: Queryable): Promise<KnownPinKey[]> {
  return database.query<KnownPinKey & object>(
    `select key_id as "keyId", state from pin_keys order by since, key_id`,
  );
}

/**
 * The key that seals.
 *
 * @param held ids of the keys given to this process
 * @throws {OperatorError} `not-initialised`; `outside-key-missing` when one of the known keys is not given
 */
function requireKnown(known: readonly KnownPinKey[], held: readonly string[]): string {
  const missing = known.filter(({ keyId }) => !held.includes(keyId));
  if (missing.length > 0) {
    const ids = missing.map(({ keyId }) => keyId).join(", ");
    throw new OperatorError(
      "outside-key-missing",
      `The database knows the PIN key ${ids}, and CHIT_PIN_KEY or secrets/pin-key holds ${held.join(", ")} instead. Give this process the keys that are in use: TPS and telephone service have the same. If a key is lost for good, see "chit-tps pin-key lost --help".`,
    );
  }
  const sealing = known.find(({ state }) => state === "sealing");
  if (sealing === undefined) {
    throw new OperatorError(
      "not-initialised",
      "The database does not know yet which PIN key is in use. Start the TPS of this version first.",
    );
  }
  return sealing.keyId;
}

/**
 * Writes down the key that seals, where the database knows none yet: of a new TPS, or of one from before keys were
 * written down.
 *
 * @param held ids of the keys given, newest first
 * @throws {OperatorError} `outside-key-missing` when stored PINs are sealed under a key that is not given
 */
export async function adoptPinKey(
  tx: Queryable,
  held: readonly string[],
  now: number,
): Promise<void> {
  const known = await readPinKeys(tx);
  if (known.some(({ state }) => state === "sealing")) return;
  const first = held[0] ?? "";
  requireKnown([...known, { keyId: first, state: "sealing" }], held);
  await tx.query(
    `insert into pin_keys (key_id, state, since) values ($1, 'sealing', $2)
     on conflict (key_id) do update set state = 'sealing'`,
    [first, now],
  );
}
