/**
 * The records of a backup file, as schemas: a file is checked as strictly as the wire. What identifies a device or
 * follows its payments (device key, PIN modifier, transaction count, PIN generation) has no field here, so a copy of a
 * device cannot be made from a backup (paper, section 4: two holders of one modifier would drift apart).
 */
import {
  addressSchema,
  adviceSchema,
  bytes,
  bytesUpTo,
  DENIAL_REASONS,
  displayText,
  identifier,
  jws,
  LIMITS,
  message,
  secureUrl,
  time,
  webOrigin,
  whole,
} from "@chit/protocol";
import * as v from "valibot";
import { failureSchema, stepSchema } from "../records.ts";
import { PAYMENT_STANDINGS } from "../schemas.ts";
import { loyaltyRecordSchema, refundRecordSchema } from "./after-sale.ts";

const text = v.pipe(v.string(), v.maxLength(4_096));

/** First in every file. */
const aboutSchema = message({ kind: v.literal("about"), createdAt: time });

const settingsRecordSchema = message({
  kind: v.literal("settings"),
  keepGoods: v.boolean(),
  openWindow: v.boolean(),
});

const addressRecordSchema = message({
  kind: v.literal("address"),
  addressId: identifier,
  address: addressSchema,
});

/** An account as others may know it, and the secret by which a new device of it is activated. */
const accountRecordSchema = message({
  kind: v.literal("account"),
  accountKey: identifier,
  issuer: webOrigin,
  rootKey: bytes(32),
  keyList: jws,
  keyListSequence: whole(0, Number.MAX_SAFE_INTEGER),
  facts: message({
    operator: text,
    telephone: text,
    currency: text,
    scale: whole(0, LIMITS.scale),
  }),
  accountId: identifier,
  deviceName: displayText(LIMITS.nameLength),
  /** Null where the wallet could not register one with the operator. */
  recoverySecret: v.nullable(bytes(16)),
});

const common = {
  kind: v.literal("purchase"),
  purchaseId: identifier,
  createdAt: time,
  shopName: text,
  shopOrigin: webOrigin,
  quoteUrl: secureUrl,
  quote: bytesUpTo(LIMITS.quoteBytes),
  quoteHash: bytes(32),
  issuer: webOrigin,
  steps: v.pipe(v.array(stepSchema), v.maxLength(9)),
};
const initiated = {
  accountKey: identifier,
  address: v.nullable(addressSchema),
  session: message({
    key: message({
      quoteAuthentication: bytes(32),
      shippingAdvice: bytes(32),
      sendGoods: bytes(32),
      goods: bytes(32),
      token: bytes(32),
    }),
    sessionHash: bytes(32),
    sealedHash: bytes(32),
    initiation: bytesUpTo(LIMITS.sealedMessageBytes),
  }),
  payLink: v.exactOptional(secureUrl),
  calledOff: v.exactOptional(v.literal(true)),
};
/** Of a request under way: its exact bytes, and what opens the answer. */
const request = message({
  body: bytesUpTo(LIMITS.sealedMessageBytes),
  requestHash: bytes(32),
  enc: bytes(32),
  responseSecret: bytes(16),
  sealingKeyId: text,
});
const denied = { denial: jws, reason: v.picklist(DENIAL_REASONS), forwarded: v.boolean() };
const paid = { ...initiated, proof: jws };
const advised = { ...paid, advice: adviceSchema };
const payer = { role: v.literal("payer"), accountKey: identifier };
const ended = {
  role: v.exactOptional(v.literal("payer")),
  calledOff: v.exactOptional(v.literal(true)),
};
const state = <S extends string>(name: S) => ({ ...common, state: v.literal(name) });

/** A purchase in any state, of either role. */
export const purchaseRecordSchema = v.variant("state", [
  message(state("quoted")),
  message({ ...state("session-initiated"), ...initiated }),
  message({ ...state("quote-authenticated"), ...initiated }),
  message({ ...state("awaiting-payer"), ...initiated, payLink: secureUrl }),
  message({ ...state("payment-requested"), ...initiated, request }),
  message({ ...state("paid"), ...paid }),
  message({ ...state("advised"), ...advised }),
  message({ ...state("goods-requested"), ...advised }),
  message({ ...state("complete"), ...advised }),
  message({ ...state("declined"), ...ended }),
  message({ ...state("denied"), ...initiated, ...denied }),
  message({ ...state("failed"), ...ended, failure: failureSchema }),
  message({ ...state("payer-quoted"), role: v.literal("payer") }),
  message({ ...state("payer-confirmed"), ...payer }),
  message({ ...state("payer-requested"), ...payer, request }),
  message({ ...state("payer-paid"), ...payer, proof: jws }),
  message({
    ...state("payer-complete"),
    ...payer,
    proof: jws,
    payment: v.picklist(PAYMENT_STANDINGS),
  }),
  message({ ...state("payer-denied"), ...payer, ...denied }),
]);

/** Announces a copy of goods; its bytes follow in runs. */
const goodsRecordSchema = message({
  kind: v.literal("goods"),
  purchaseId: identifier,
  goodsId: identifier,
  size: whole(0, LIMITS.goodsBytes),
});

/** What goes to the wallet's store; goods go another way. */
export const storedRecordSchema = v.variant("kind", [
  settingsRecordSchema,
  addressRecordSchema,
  accountRecordSchema,
  purchaseRecordSchema,
  refundRecordSchema,
  loyaltyRecordSchema,
]);

export const backupRecordSchema = v.variant("kind", [
  aboutSchema,
  settingsRecordSchema,
  addressRecordSchema,
  accountRecordSchema,
  purchaseRecordSchema,
  refundRecordSchema,
  loyaltyRecordSchema,
  goodsRecordSchema,
]);

export type BackupRecord = v.InferOutput<typeof backupRecordSchema>;
/** As it stands in the file, and travels between the wallet's page and its background: byte strings as base64url. */
export type RecordJson = v.InferInput<typeof backupRecordSchema>;
export type StoredRecord = v.InferOutput<typeof storedRecordSchema>;
export type StoredRecordJson = v.InferInput<typeof storedRecordSchema>;
export type PurchaseRecord = v.InferOutput<typeof purchaseRecordSchema>;
export type AccountRecord = v.InferOutput<typeof accountRecordSchema>;
export type GoodsRecord = v.InferOutput<typeof goodsRecordSchema>;
