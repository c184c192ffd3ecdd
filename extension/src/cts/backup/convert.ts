/** Between the wallet's records and those of a backup file. */
import {
  ChitError,
  decodeQuote,
  equalBytes,
  parseValue,
  quoteHash,
  toBase64url,
} from "@chit/protocol";
import type {
  Account,
  FormerAccount,
  Purchase,
  RestoredRequest,
  StoredRequest,
} from "../records.ts";
import {
  type AccountRecord,
  type PurchaseRecord,
  purchaseRecordSchema,
  type StoredRecord,
  type StoredRecordJson,
} from "./records.ts";

/** An account for a backup: what others may know of it, and its recovery secret. Nothing of the device. */
export function accountToRecord(account: Account | FormerAccount): StoredRecordJson {
  const { accountKey, issuer, rootKey, keyList, keyListSequence, facts, accountId, deviceName } =
    account;
  const recoverySecret =
    "recoverySecret" in account
      ? account.recoverySecret
      : account.recovery?.registered
        ? account.recovery.secret
        : null;
  return {
    kind: "account",
    accountKey,
    issuer,
    rootKey: toBase64url(rootKey),
    keyList,
    keyListSequence,
    facts,
    accountId,
    deviceName,
    recoverySecret: recoverySecret === null ? null : toBase64url(recoverySecret),
  };
}

/** The account of a backup, as the wallet keeps it: known, and not usable before it is connected again. */
export function accountFromRecord({ kind: _, ...account }: AccountRecord): FormerAccount {
  return account;
}

/**
 * Of no use on another computer: the tab that asked, the pauses, how often the PIN was wrong on this one, and what is
 * under way to get goods again, for the session's token does that anywhere.
 */
const LEFT_OUT = [
  ...["tabId", "waiting", "wrongPin", "request"],
  ...["recovery", "fresh", "redeliveredAt", "notAgain"],
];

/**
 * A purchase for a backup. It is read again at once: what could not be restored must not be written.
 *
 * @throws {ChitError} `malformed-message`
 */
export function purchaseToRecord(purchase: Purchase): StoredRecordJson {
  const kept = Object.entries(purchase).filter(([name]) => !LEFT_OUT.includes(name));
  const request = "request" in purchase ? { request: recoveringPart(purchase.request) } : {};
  const state = purchase.state === "recovering" ? "complete" : purchase.state;
  const record = asJson({ kind: "purchase", ...Object.fromEntries(kept), ...request, state });
  parseValue(purchaseRecordSchema, record);
  return record as StoredRecordJson;
}

/** What sends the identical bytes again and opens the answer; count, component and PIN generation stay with the device. */
function recoveringPart(request: StoredRequest): RestoredRequest {
  const { body, requestHash, enc, responseSecret, sealingKeyId } = request;
  return { body, requestHash, enc, responseSecret, sealingKeyId };
}

/**
 * The purchase of a backup, as the wallet keeps it. It waits for nobody yet: it is looked at at once.
 *
 * @throws {ChitError} `malformed-message`, `transaction-mismatch`: its quote cannot be shown, or is another one or elsewhere
 */
export function purchaseFromRecord({ kind: _, ...record }: PurchaseRecord): Purchase {
  decodeQuote(record.quote);
  if (!equalBytes(quoteHash(record.quote), record.quoteHash)) {
    throw new ChitError("transaction-mismatch", "A purchase is not for the quote that is with it.");
  }
  if (new URL(record.quoteUrl).origin !== record.shopOrigin) {
    throw new ChitError("transaction-mismatch", "A purchase's quote is not at its shop.");
  }
  const added = { tabId: null, waiting: null };
  return record.state === "quote-authenticated" || record.state === "payer-confirmed"
    ? { ...record, ...added, wrongPin: null }
    : { ...record, ...added };
}

/** A record that was read, as it stands in the file. */
export function recordToJson(record: StoredRecord): StoredRecordJson {
  return asJson(record) as StoredRecordJson;
}

/** Byte strings as base64url, all else as it is. */
function asJson(value: unknown): unknown {
  if (value instanceof Uint8Array) return toBase64url(value);
  if (Array.isArray(value)) return value.map(asJson);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, asJson(inner)]));
}
