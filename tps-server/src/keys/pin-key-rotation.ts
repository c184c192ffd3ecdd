/** A whole rotation of the PIN key: the steps of rotate-pin-key.ts one after the other, from wherever the last run got to. */
import type { TpsDeps } from "../deps.ts";
import { OperatorError, type OperatorErrorCode } from "../errors.ts";
import { LIMITS } from "../limits.ts";
import type { Platform } from "../platform.ts";
import { one, type Queryable } from "../store/database.ts";
import type { PinKeySource } from "./outside-keys.ts";
import { readPinKeys } from "./pin-keys.ts";
import { resealPins } from "./reseal-pins.ts";
import { announcePinKey, dropPinKeys, retiringKeys, switchPinKey } from "./rotate-pin-key.ts";
import { createVault, outsideKeyId } from "./vault.ts";

/** What a rotation needs beside the storage. */
export interface RotationDeps extends TpsDeps {
  readonly platform: Pick<Platform, "nowSeconds" | "randomBytes" | "sleep">;
  readonly source: PinKeySource;
  /** Tells the operator how it goes. */
  say(text: string): void;
}

/** How a run ended. */
export type Rotation =
  | { readonly kind: "rotated"; readonly keyId: string; readonly dropped: readonly string[] }
  /** The keys are in a variable: the operator puts these there, newest first, and runs again. */
  | { readonly kind: "give-variable"; readonly keys: readonly Uint8Array[] };

const KEY_BYTES = 32;
/** Any number will do, as long as nothing else in the database locks it. */
const LOCK = 7_241_966_010n;

/**
 * Rotates, or finishes the rotation that is under way. Broken off anywhere, the next run goes on.
 *
 * @throws {OperatorError} `already-done` while another run is at it; `processes-behind` when running processes do not
 *   learn of a key in time; `pin-key-in-use` when PINs are left that do not open
 */
export async function rotatePinKey(deps: RotationDeps): Promise<Rotation> {
  return alone(deps, async () => {
    const fresh = await introduce(deps);
    if (fresh !== undefined) return { kind: "give-variable", keys: fresh };
    await patiently(deps, ["processes-behind"], () => switchPinKey(deps));
    const { seals } = await retiringKeys(deps.database);
    deps.say(`New PINs are sealed under ${seals}.`);
    const dropped = await retireOldKeys(deps, seals);
    await trimSource(deps);
    return { kind: "rotated", keyId: seals, dropped };
  });
}

/** Step 1, unless a later one is due. @returns keys for the variable, where the operator must put them there */
async function introduce(deps: RotationDeps): Promise<readonly Uint8Array[] | undefined> {
  const known = await readPinKeys(deps.database);
  if (known.length > 1) {
    deps.say("A rotation is under way: going on with it.");
    return undefined;
  }
  const keys = await deps.source.read();
  const ids = keys.map(outsideKeyId);
  const sealing = ids.indexOf(known[0]?.keyId ?? "");
  if (sealing === 0 && keys.length > 1 && deps.source.replace !== undefined) {
    deps.say("The last rotation had nothing left to do but to take the old key out of the file.");
    return undefined;
  }
  // One that an earlier run made, or the operator gave, stands before the one in use.
  let newest = sealing > 0 ? ids[0] : undefined;
  if (newest === undefined) {
    const key = deps.platform.randomBytes(KEY_BYTES);
    if (deps.source.replace === undefined) return [key, ...keys];
    await deps.source.replace([key, ...keys]);
    newest = outsideKeyId(key);
  }
  await announcePinKey(deps, newest);
  deps.say(`The new PIN key is ${newest}. Waiting until every running process holds it.`);
  return undefined;
}

/** Steps 3 and 4: a PIN may still be sealed under an old key while processes have not heard of the switch. */
async function retireOldKeys(deps: RotationDeps, seals: string): Promise<string[]> {
  return patiently(deps, ["processes-behind", "pin-key-in-use"], async () => {
    const keys = await deps.source.read();
    const vault = createVault("pin", keys, deps.platform.randomBytes, seals);
    const pass = await resealPins(deps, vault, (done) => deps.say(`${done} PINs sealed anew.`));
    const [damaged] = pass.damaged;
    if (damaged !== undefined && pass.left === pass.damaged.length) {
      throw new OperatorError(
        "pin-damaged",
        `${pass.damaged.length} stored PINs do not open: they were changed in the database. The first is that of device ${damaged.deviceId} of account ${damaged.accountId}. Revoke these devices, or let their owners get a new PIN by telephone, and run again. The old key stays until then.`,
      );
    }
    return dropPinKeys(deps);
  });
}

/** The file keeps the keys that the database knows. */
async function trimSource(deps: RotationDeps): Promise<void> {
  const known = new Set((await readPinKeys(deps.database)).map(({ keyId }) => keyId));
  const keys = await deps.source.read();
  const kept = keys.filter((key) => known.has(outsideKeyId(key)));
  if (kept.length === keys.length) return;
  if (deps.source.replace !== undefined) return deps.source.replace(kept);
  deps.say(
    "CHIT_PIN_KEY still holds older keys. Leave them out when you start the processes next.",
  );
}

/** Does `step` again and again while it is refused for a reason that time mends. */
async function patiently<T>(
  { platform, say }: RotationDeps,
  reasons: readonly OperatorErrorCode[],
  step: () => Promise<T>,
): Promise<T> {
  const { pinKeyPatienceMilliseconds: patience, pinKeyPollMilliseconds: pause } = LIMITS;
  let said = "";
  for (let waited = 0; ; waited += pause) {
    try {
      return await step();
    } catch (error) {
      const mends = error instanceof OperatorError && reasons.includes(error.code);
      if (!mends || waited >= patience) throw error;
      if (error.message !== said) say(error.message);
      said = error.message;
      await platform.sleep(pause);
    }
  }
}

/** Two runs at once would each make a key, and the file holds the later one's. */
async function alone<T>(deps: RotationDeps, work: () => Promise<T>): Promise<T> {
  return deps.database.transaction(async (tx: Queryable) => {
    const row = one(
      await tx.query<{ locked: boolean }>("select pg_try_advisory_xact_lock($1) as locked", [LOCK]),
    );
    if (row?.locked !== true) {
      throw new OperatorError("already-done", "Another run of this command is at work.");
    }
    return work();
  });
}
