/** Carries out what a call needs done, in the transaction that saves its next state. */
import type { Vault } from "../keys/vault.ts";
import type { Platform } from "../platform.ts";
import type { Queryable } from "../store/database.ts";
import { changeHold, openCase } from "./account.ts";
import { type Alarm, raiseAlarm } from "./alarms.ts";
import type { Effect, EffectResult } from "./call-step.ts";
import { type LoggedEvent, logEvent } from "./call-store.ts";
import { identify, readCaller } from "./identification.ts";
import type { PinMemory, ToldPin } from "./pin-memory.ts";
import type { CallerBucket } from "./throttle.ts";
import { countOf, giveNewPin, pinGeneration, revokeWallet } from "./wallets.ts";

/** What effects need. */
export interface EffectDeps {
  /** Seals modified PINs. */
  readonly pinVault: Vault;
  readonly pins: PinMemory;
  readonly platform: Pick<Platform, "nowSeconds" | "randomBytes">;
}

/** A transaction's view of one call. `told` and `alarms` are for after the commit. */
export interface Work {
  readonly tx: Queryable;
  readonly now: number;
  readonly callId: string;
  /** Where this caller's failures are counted. */
  readonly caller: CallerBucket;
  accountId: string | undefined;
  told: ToldPin | undefined;
  readonly alarms: Alarm[];
}

/** Carries out one effect. */
export async function perform(deps: EffectDeps, work: Work, effect: Effect): Promise<EffectResult> {
  switch (effect.type) {
    case "check-caller":
      return checkCaller(work, effect);
    case "set-new-pin": {
      const made = await giveNewPin(work.tx, deps, effect);
      await log(work, made === undefined ? "wallet-gone" : "new-pin", effect.deviceId);
      if (made === undefined) return { type: "wallet-gone" };
      const { pin, generation, count } = made;
      work.told = { pin, generation, deviceId: effect.deviceId };
      return { type: "pin-set", generation, count };
    }
    case "recall-pin": {
      const generation = await pinGeneration(work.tx, effect);
      if (generation === undefined) return { type: "wallet-gone" };
      if (generation !== effect.generation) return { type: "pin-replaced" };
      if (deps.pins.recall(work.callId) === undefined) return { type: "pin-forgotten" };
      await log(work, "pin-repeated", effect.deviceId);
      return { type: "pin-recalled" };
    }
    case "count-payments": {
      const count = await countOf(work.tx, effect);
      await log(work, count === undefined ? "wallet-gone" : "count-heard", effect.deviceId);
      return count === undefined ? { type: "wallet-gone" } : { type: "payments-counted", count };
    }
    case "revoke-wallet":
      return revoke(work, effect);
    case "look-again": {
      const { accountId, destination, notice } = effect;
      const caller = await readCaller(work.tx, accountId);
      return { type: "looked-again", caller, destination, notice };
    }
    case "change-hold": {
      const held = await changeHold(work.tx, effect.accountId, effect.held);
      await log(work, effect.held ? "hold-placed" : "hold-lifted");
      return { type: "hold-changed", held };
    }
    case "open-case": {
      const { accountId, category } = effect;
      const about = { accountId, category, callId: work.callId };
      const caseNumber = await openCase(work.tx, deps.platform, about, work.now);
      if (caseNumber === undefined) return { type: "too-many-cases" };
      await log(work, "case-opened");
      return { type: "case-opened", caseNumber, category };
    }
    case "hand-over":
      await log(work, "handed-over");
      return { type: "handing-over" };
  }
}

async function checkCaller(
  work: Work,
  given: { readonly telephoneId: string; readonly passcode: string },
): Promise<EffectResult> {
  const result = await identify(work.tx, given, work.caller, work.now);
  switch (result.outcome) {
    case "known":
      work.accountId = result.accountId;
      await log(work, "caller-known");
      return { type: "caller-known", caller: await readCaller(work.tx, result.accountId) };
    case "unknown":
    case "locked-out":
      for (const alarm of result.alarms) await raise(work, alarm);
      // The account of a failure is written down, but the caller is not taken for its holder.
      work.accountId = result.accountId;
      await log(work, result.outcome === "unknown" ? "caller-unknown" : "caller-locked-out");
      work.accountId = undefined;
      return { type: "caller-unknown" };
    case "caller-throttled":
      await log(work, "caller-throttled");
      return { type: "caller-throttled" };
    case "closed":
      return { type: "service-closed" };
  }
}

async function revoke(
  work: Work,
  effect: Extract<Effect, { type: "revoke-wallet" }>,
): Promise<EffectResult> {
  const { accountId, deviceId, whose } = effect;
  const revoked = await revokeWallet(work.tx, effect);
  await log(work, revoked ? "wallet-revoked" : "wallet-gone", deviceId);
  if (!revoked) return { type: "wallet-gone" };
  if (whose === "stranger") await raise(work, { kind: "wrong-check-number", accountId, deviceId });
  return { type: "wallet-revoked", whose };
}

async function raise(work: Work, alarm: Alarm): Promise<void> {
  await raiseAlarm(work.tx, alarm, work);
  work.alarms.push(alarm);
}

/** Adds to the audit record. */
export function log(work: Work, event: LoggedEvent, deviceId?: string): Promise<void> {
  const { tx, now: at, callId, accountId } = work;
  return logEvent(tx, { at, callId, event, accountId, deviceId });
}
