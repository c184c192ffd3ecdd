/**
 * The account's records: a device asks for movements that it did not make itself (money paid in, money given back),
 * for a month's signed statement, and for how money is paid in. It needs the device's signature and no PIN, changes
 * nothing, and may be asked again and again. The kinds of answer look alike by their sizes, so far as blocks of
 * 2048 bytes can.
 */
import * as v from "valibot";
import { toBase64url } from "./bytes.ts";
import type { OpeningKey, ProtocolCrypto } from "./crypto.ts";
import { LABELS } from "./labels.ts";
import { LIMITS } from "./limits.ts";
import { amountToWire } from "./money.ts";
import type { DeviceSign } from "./request-for-payment.ts";
import {
  amount,
  bytes,
  displayText,
  header,
  identifier,
  message,
  month,
  positiveAmount,
  time,
  whole,
} from "./schema.ts";
import {
  createExchange,
  type DecodedExchange,
  decodeExchange,
  type ExchangeKind,
  openExchange,
  openExchangeReply,
  type PendingExchange,
} from "./sealed-exchange.ts";
import type { SealingKey } from "./sealed-message.ts";
import { transcript } from "./transcript.ts";

/** Where a TPS answers about an account's records (POST), under the issuer's origin. */
export const ACCOUNT_RECORDS_PATH = "/v1/account-records";

const KIND: ExchangeKind = {
  type: "account-records",
  request: LABELS.accountRecords,
  response: LABELS.accountRecordsResponse,
  replyBlock: 2048,
};

/** Where a reader of movements has come to. The TPS alone knows what it means. */
const cursor = v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{1,22}$/, "Expected a cursor."));
const part = whole(0, LIMITS.statementParts - 1);

const wishSchema = v.variant("wish", [
  /** Movements after those told before `after` was given; null: from the first. */
  message({ wish: v.literal("movements"), after: v.nullable(cursor) }),
  /** Which months there are statements of. */
  message({ wish: v.literal("months") }),
  message({ wish: v.literal("statement"), month }),
  message({ wish: v.literal("statement-part"), statementId: identifier, part }),
  /** How money is paid in. */
  message({ wish: v.literal("funding") }),
]);

/** What a device asks for. */
export type AccountRecordsWish = v.InferOutput<typeof wishSchema>;

const sealedSchema = message({
  accountId: identifier,
  deviceId: identifier,
  wish: wishSchema,
  signature: bytes(64),
});

const moved = {
  at: time,
  amount: positiveAmount,
  /** The account's balance right after it. */
  balanceAfter: amount,
};
const movementSchema = v.variant("kind", [
  /** Money that was paid in; `reference` names it, as the operator entered it. */
  message({
    kind: v.literal("funding"),
    ...moved,
    reference: displayText(LIMITS.fundingReferenceLength),
  }),
  /** Money of the payment `paymentId` (the `jti` of its proof) that came back by the merchant's order. */
  message({
    kind: v.literal("refund"),
    ...moved,
    paymentId: identifier,
    orderId: identifier,
    merchantId: identifier,
    transactionNumber: identifier,
  }),
]);
/** Money that came to the account. */
export type AccountMovement = v.InferOutput<typeof movementSchema>;

const RESPONSE = "account-records-response";
const answered = <const O extends string>(outcome: O) => ({
  ...header(RESPONSE),
  outcome: v.literal(outcome),
});

const recordsSchema = v.variant("outcome", [
  message({
    ...answered("movements"),
    /** Of the whole account, whichever device asks; in the order in which they were entered. */
    movements: v.pipe(v.array(movementSchema), v.maxLength(LIMITS.movementsTold)),
    /** What to ask with next, now or later: nothing is told twice, and nothing left out. */
    next: cursor,
    /** Whether there were more at this moment. */
    more: v.boolean(),
  }),
  /** From the month in which the account was opened until the one that runs. */
  message({ ...answered("months"), first: month, current: month }),
  /** The statement's text comes in so many parts, 0 the first; they can be asked for during the next minutes. */
  message({
    ...answered("statement"),
    statementId: identifier,
    parts: whole(1, LIMITS.statementParts),
  }),
  message({
    ...answered("statement-part"),
    text: v.pipe(
      v.string(),
      v.maxLength(LIMITS.statementPartBytes),
      v.regex(/^[A-Za-z0-9._\n-]+$/, "Expected a part of signed documents."),
    ),
  }),
  /**
   * There is no statement: of a month that was not yet, or before the account; it would be longer than statements are;
   * the operator's own records disagree, and nothing is signed before that is cleared up; or the statement that was
   * begun is no longer kept (ask anew).
   */
  message({
    ...answered("no-statement"),
    reason: v.picklist(["no-such-month", "too-long", "under-review", "gone"]),
  }),
  message({
    ...answered("funding"),
    /** What a transfer must say, so that it is booked to this account. */
    reference: displayText(LIMITS.fundingTextLength),
    holder: displayText(LIMITS.fundingTextLength),
    iban: v.pipe(v.string(), v.regex(/^[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}$/, "Expected an IBAN.")),
    bic: v.nullable(v.pipe(v.string(), v.regex(/^[A-Z0-9]{8}([A-Z0-9]{3})?$/, "Expected a BIC."))),
    /** What the operator says besides. */
    text: v.nullable(displayText(LIMITS.deliveryTextLength)),
  }),
  /** The operator takes no money by transfer, or has not said how. */
  message(answered("no-funding")),
  /** The asking device has had no PIN yet: whoever found a link must not learn what is in the account. */
  message(answered("awaiting-pin")),
  message(answered("device-revoked")),
  /** To whoever did not show the device's signature. */
  message(answered("refused")),
]);

type WithoutHeader<T> = T extends unknown ? Omit<T, "v" | "type"> : never;
/** The TPS's answer, without its header. */
export type AccountRecords = WithoutHeader<v.InferOutput<typeof recordsSchema>>;
/** Why there is no statement. */
export type NoStatementReason = Extract<AccountRecords, { outcome: "no-statement" }>["reason"];
/** How money is paid in. */
export type FundingDetails = Omit<Extract<AccountRecords, { outcome: "funding" }>, "outcome">;

/** The account-records exchange at the CTS. */
export async function createAccountRecordsRequest(
  crypto: ProtocolCrypto,
  tpsKey: SealingKey,
  subject: { readonly issuer: string; readonly accountId: string; readonly deviceId: string },
  wish: AccountRecordsWish,
  sign: DeviceSign,
): Promise<PendingExchange> {
  const { issuer, accountId, deviceId } = subject;
  return createExchange(crypto, tpsKey, KIND, issuer, async (enc, plain) => ({
    accountId,
    deviceId,
    wish,
    signature: toBase64url(await sign(signedBytes(accountId, deviceId, wish, enc, plain))),
  }));
}

/**
 * Which issuer and key a request is for.
 *
 * @throws {ChitError} `message-too-large`, `malformed-message`
 */
export function decodeAccountRecordsRequest(body: Uint8Array): DecodedExchange {
  return decodeExchange(KIND, body);
}

/** A request as the TPS opens it; the signature is for the caller to verify under the device's key. */
export interface OpenedAccountRecordsRequest {
  readonly accountId: string;
  readonly deviceId: string;
  readonly wish: AccountRecordsWish;
  readonly signature: Uint8Array;
  readonly signedBytes: Uint8Array;
}

/**
 * The account-records exchange at the TPS.
 *
 * @returns the request and a function that seals its reply; `nonce` is 16 fresh random bytes
 * @throws {ChitError} `malformed-message`, `sealing-key-unknown`, `authentication-failed`
 */
export async function openAccountRecordsRequest(
  crypto: ProtocolCrypto,
  key: OpeningKey,
  body: Uint8Array,
): Promise<{
  request: OpenedAccountRecordsRequest;
  reply(result: AccountRecords, nonce: Uint8Array): Promise<Uint8Array>;
}> {
  const { decoded, content, reply } = await openExchange(crypto, key, KIND, sealedSchema, body);
  const { accountId, deviceId, wish, signature } = content;
  const { enc, plain } = decoded.sealed;
  const signed = signedBytes(accountId, deviceId, wish, enc, plain);
  return {
    request: { accountId, deviceId, wish, signature, signedBytes: signed },
    reply: (result, nonce) => reply(recordsToWire(result), nonce),
  };
}

/**
 * Reads the reply.
 *
 * @throws {ChitError} `message-too-large`, `malformed-message`, `authentication-failed`
 */
export async function openAccountRecords(
  crypto: Pick<ProtocolCrypto, "aead">,
  pending: PendingExchange,
  body: Uint8Array,
): Promise<AccountRecords> {
  return openExchangeReply(crypto, KIND, recordsSchema, pending, body);
}

/** `enc` and `plain` bind the signature to this one message, so that nobody can put it into another. */
function signedBytes(
  accountId: string,
  deviceId: string,
  wish: AccountRecordsWish,
  enc: Uint8Array,
  plain: Uint8Array,
): Uint8Array {
  return transcript(
    LABELS.accountRecordsSignature,
    accountId,
    deviceId,
    enc,
    plain,
    ...wishParts(wish),
  );
}

/** The wish's name and its fields, in the order of the document's table; a null is left out. */
function wishParts(wish: AccountRecordsWish): string[] {
  switch (wish.wish) {
    case "movements":
      return wish.after === null ? [wish.wish] : [wish.wish, wish.after];
    case "statement":
      return [wish.wish, wish.month];
    case "statement-part":
      return [wish.wish, wish.statementId, String(wish.part)];
    case "months":
    case "funding":
      return [wish.wish];
  }
}

function recordsToWire(result: AccountRecords): object {
  if (result.outcome !== "movements") return result;
  const movements = result.movements.map((movement) => ({
    ...movement,
    amount: amountToWire(movement.amount),
    balanceAfter: amountToWire(movement.balanceAfter),
  }));
  return { ...result, movements };
}
