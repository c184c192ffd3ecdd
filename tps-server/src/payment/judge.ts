/**
 * The judgement of a request-for-payment: pure, from the facts that were read under lock.
 *
 * What must hold here (each has a test):
 * - Identical bytes get the identical reply, whatever has happened since.
 * - Nothing that is told depends on whether the PIN was right, except for a wrong PIN that is counted.
 * - Whoever does not show the device's signature learns nothing and changes nothing: not even whether a PIN was right.
 */
import { type DenialReason, equalBytes, LIMITS, type PaymentOutcome } from "@chit/protocol";

/** What is known of the device that the request names, or of the decoy where there is none. */
export interface DeviceFacts {
  readonly state: "active" | "revoked";
  readonly pinState: "awaiting-pin" | "active" | "locked";
  readonly pinGeneration: number;
  readonly count: number;
  /** Wrong PINs in a row so far. */
  readonly failures: number;
  /** The last authenticated request and its reply. */
  readonly last: StoredReply | undefined;
  /** The stored wrong-PIN reply to these very bytes, if they were counted before. */
  readonly refused: StoredReply | undefined;
}

/** A reply that was given, for whoever sends the identical bytes again. */
export interface StoredReply {
  readonly requestHash: Uint8Array;
  readonly reply: Uint8Array;
}

/** Everything that a judgement rests on. */
export interface PaymentFacts {
  readonly requestHash: Uint8Array;
  readonly count: number;
  readonly pinGeneration: number;
  readonly amount: bigint;
  /** Undefined when the TPS knows no such device. */
  readonly device: DeviceFacts | undefined;
  readonly account: { readonly status: "active" | "held"; readonly balance: bigint } | undefined;
  readonly merchant: "certified" | "revoked" | "unknown";
  readonly currencySupported: boolean;
  /** The PIN tag verifies under the device's modified PIN. */
  readonly pinTagVerifies: boolean;
  /** The device's signature verifies under its registered key. */
  readonly signatureVerifies: boolean;
}

/** Told and forgotten: the reply changes nothing, so nothing needs to be stored. */
type Told = Exclude<PaymentOutcome["outcome"], "paid" | "denied" | "wrong-pin">;

/** What is to be done. */
export type Judgement =
  /** Answered before: the stored bytes again. */
  | { readonly kind: "stored"; readonly reply: Uint8Array }
  /** Not authenticated, nothing changes. */
  | { readonly kind: "told"; readonly outcome: Exclude<Told, "pin-changed"> }
  | { readonly kind: "told"; readonly outcome: "pin-changed"; readonly pinGeneration: number }
  /** The device's own wrong PIN: counted once, the reply stored. The fifth locks. */
  | { readonly kind: "wrong-pin"; readonly failures: number; readonly locked: boolean }
  /** Authenticated: count and modifier advance, paid or not. */
  | { readonly kind: "paid"; readonly balance: bigint }
  | { readonly kind: "denied"; readonly reason: DenialReason; readonly balance: bigint };

/** Judges. */
export function judge(facts: PaymentFacts): Judgement {
  const { device, account } = facts;
  for (const stored of [device?.last, device?.refused]) {
    if (stored !== undefined && equalBytes(stored.requestHash, facts.requestHash)) {
      return { kind: "stored", reply: stored.reply };
    }
  }
  if (device !== undefined && account !== undefined && isAuthenticated(facts, device)) {
    const reason = reasonToDeny(facts, account);
    return reason === undefined
      ? { kind: "paid", balance: account.balance - facts.amount }
      : { kind: "denied", reason, balance: account.balance };
  }
  if (device === undefined || !facts.signatureVerifies) return { kind: "told", outcome: "refused" };
  return judgeUnauthenticatedDevice(facts, device);
}

/**
 * PIN and signature both. With the PIN alone, a thief of the wallet's disk could try PINs under spoilt signatures:
 * none would be counted, and the right one would pay. All conditions are always evaluated, so that the time tells
 * nothing.
 */
function isAuthenticated(facts: PaymentFacts, device: DeviceFacts): boolean {
  const conditions = [
    device.state === "active",
    device.pinState === "active",
    device.pinGeneration === facts.pinGeneration,
    device.count === facts.count,
    facts.pinTagVerifies,
    facts.signatureVerifies,
  ];
  return conditions.every((condition) => condition);
}

/**
 * The device holds its key but is not authenticated. Everything before the wrong PIN is independent of the PIN,
 * and is asked first: a thief of the wallet's disk who sends an old count or generation gets the same answer
 * for a right guess as for a wrong one, and only a guess that is counted says anything about the PIN.
 */
function judgeUnauthenticatedDevice(facts: PaymentFacts, device: DeviceFacts): Judgement {
  if (device.state === "revoked") return { kind: "told", outcome: "device-revoked" };
  if (device.pinState === "awaiting-pin") return { kind: "told", outcome: "awaiting-pin" };
  if (device.pinState === "locked") return { kind: "told", outcome: "pin-locked" };
  if (device.pinGeneration !== facts.pinGeneration) {
    return { kind: "told", outcome: "pin-changed", pinGeneration: device.pinGeneration };
  }
  if (device.count !== facts.count) return { kind: "told", outcome: "out-of-sequence" };
  const failures = device.failures + 1;
  return { kind: "wrong-pin", failures, locked: failures >= LIMITS.pinAttempts };
}

function reasonToDeny(
  facts: PaymentFacts,
  account: NonNullable<PaymentFacts["account"]>,
): DenialReason | undefined {
  if (!facts.currencySupported) return "currency-not-supported";
  if (facts.merchant === "unknown") return "merchant-unknown";
  if (facts.merchant === "revoked") return "merchant-revoked";
  if (account.status === "held") return "account-held";
  if (account.balance < facts.amount) return "insufficient-funds";
  return undefined;
}
