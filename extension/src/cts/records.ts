/**
 * What the wallet keeps on disk, as schemas: a record is checked when it is read, for a disk can be written by
 * others and by older versions. Byte strings are kept as such, amounts as wire strings, times in seconds.
 *
 * Nothing here tests a guessed PIN (threat 9): no PIN, modified PIN, PIN tag, HPKE context or ephemeral key.
 */
import {
  addressSchema,
  DENIAL_REASONS,
  identifier,
  jws,
  message,
  type ShippingAdvice,
  time,
} from "@chit/protocol";
import * as v from "valibot";
import {
  ACCOUNT_CONDITIONS,
  binary,
  bytesOf,
  counter,
  failureSchema,
  PAYMENT_STANDINGS,
  text,
  waitingSchema,
  wireAmount,
} from "./schemas.ts";

export { type Failure, failureSchema } from "./schemas.ts";

/** One account as this device holds it. */
export const accountSchema = message({
  accountKey: identifier,
  issuer: text,
  /** Pinned at activation. */
  rootKey: bytesOf(32),
  keyList: jws,
  /** Its sequence: nobody goes back to an older one. */
  keyListSequence: counter,
  /** What the key list says for people; shown also when the list has expired. */
  facts: message({ operator: text, telephone: text, currency: text, scale: counter }),
  /** When the key list was last fetched. */
  keyListAt: time,
  accountId: identifier,
  deviceId: identifier,
  deviceName: text,
  /** Names the device's key in the key store. */
  deviceKeyId: identifier,
  deviceKey: bytesOf(32),
  /** PIN + modifier mod 2^256 is what the TPS holds; the modifier alone tells nothing of the PIN. */
  modifier: bytesOf(32),
  count: counter,
  pinGeneration: counter,
  condition: v.picklist(ACCOUNT_CONDITIONS),
  /** The PIN generation at which drift was noticed: the account pays again after a newer PIN. */
  driftGeneration: v.nullable(counter),
  /** The count that its owner entered after drift, until a payment shows that it is right; null else. */
  countByHand: v.optional(v.nullable(counter), null),
  balance: v.nullable(wireAmount),
  balanceAt: v.nullable(time),
  /** When the TPS last told the account's state. */
  statusAt: v.nullable(time),
  /** The purchase whose request-for-payment is under way: one at a time (threat 7). */
  pendingPurchaseId: v.nullable(identifier),
  /** The secret in this device's backups by which a new device is activated; `registered`: the TPS has its hash. */
  recovery: v.optional(v.nullable(message({ secret: bytesOf(16), registered: v.boolean() })), null),
  /** How far the TPS has told of money that came back, and when it was asked last. */
  returns: v.optional(v.nullable(message({ after: v.nullable(text), askedAt: time })), null),
});
export type Account = v.InferOutput<typeof accountSchema>;

/**
 * An account as a backup of another device had it: enough to finish that device's purchases, and to connect this one.
 * It cannot pay: it has no device key, modifier or count.
 */
export const formerAccountSchema = message({
  /** Of the device that is not here; purchases that it made refer to it. */
  accountKey: identifier,
  issuer: text,
  rootKey: bytesOf(32),
  keyList: jws,
  keyListSequence: counter,
  facts: message({ operator: text, telephone: text, currency: text, scale: counter }),
  accountId: identifier,
  deviceName: text,
  /** Null where the backup was made without the operator's answer. */
  recoverySecret: v.nullable(bytesOf(16)),
});
export type FormerAccount = v.InferOutput<typeof formerAccountSchema>;

/** The session of step 3 with its segments, and the exact initiation for another try. */
const sessionSchema = message({
  key: message({
    quoteAuthentication: bytesOf(32),
    shippingAdvice: bytesOf(32),
    sendGoods: bytesOf(32),
    goods: bytesOf(32),
    token: bytesOf(32),
  }),
  sessionHash: bytesOf(32),
  sealedHash: bytesOf(32),
  initiation: binary,
});
export type StoredSession = v.InferOutput<typeof sessionSchema>;

const recovering = {
  body: binary,
  requestHash: bytesOf(32),
  enc: bytesOf(32),
  responseSecret: bytesOf(16),
  /** The TPS's sealing key that it is sealed to. */
  sealingKeyId: text,
};
/** A request that a backup brought: its answer can be read, and can move no account's modifier or count. */
const restoredRequestSchema = message(recovering);
export type RestoredRequest = v.InferOutput<typeof restoredRequestSchema>;
/** The request of step 5 as this device committed it before it was sent. */
const ownRequestSchema = message({
  ...recovering,
  component: bytesOf(32),
  count: counter,
  pinGeneration: counter,
});
export type OwnRequest = v.InferOutput<typeof ownRequestSchema>;
export type StoredRequest = OwnRequest | RestoredRequest;

/** A verified shipping advice as the protocol parsed it; here only its shape is looked at again. */
const adviceSchema = v.custom<ShippingAdvice>((value) => {
  const shape = v.looseObject({
    goods: v.array(v.looseObject({ goodsId: identifier, digest: bytesOf(32), size: v.number() })),
    sendGoodsUrl: v.nullable(v.string()),
    delivery: v.nullable(v.looseObject({ text })),
  });
  return v.is(shape, value);
}, "Expected a shipping advice.");

export const stepSchema = message({
  step: v.picklist([2, 3, 4, 5, 6, 7, 8, 9, 10]),
  at: time,
});
export type StepNumber = v.InferOutput<typeof stepSchema>["step"];

const common = {
  purchaseId: identifier,
  createdAt: time,
  shopName: text,
  shopOrigin: text,
  quoteUrl: text,
  /** The exact bytes that everything refers to. */
  quote: binary,
  quoteHash: bytesOf(32),
  /** The issuer whose key list vouched for the shop. */
  issuer: text,
  /** The tab that asked. It may be gone, or be another one after a restart; see the content script. */
  tabId: v.nullable(v.number()),
  steps: v.pipe(v.array(stepSchema), v.maxLength(9)),
  waiting: v.nullable(waitingSchema),
};
const initiated = {
  /** The account that pays, or whose operator's keys tell a genuine payment where somebody else is to pay. */
  accountKey: identifier,
  address: v.nullable(addressSchema),
  session: sessionSchema,
  /** The link for whoever is to pay; from `paid` on: somebody else paid. */
  payLink: v.exactOptional(text),
  /** A link that was shared is called off, for good. */
  calledOff: v.exactOptional(v.literal(true)),
};
const authenticated = {
  ...initiated,
  /** The last request was refused for its PIN; null otherwise. */
  wrongPin: v.nullable(message({ attemptsLeft: counter })),
};
const paid = { ...initiated, proof: jws };
const advised = { ...paid, advice: adviceSchema };

/** Of a purchase that is paid for somebody else: no session, no address, no goods. */
const payers = { ...common, role: v.literal("payer"), accountKey: identifier };
/** Ended, by either role; absent: the initiator's. */
const ended = {
  ...common,
  role: v.exactOptional(v.literal("payer")),
  /** A link was shared for it, and called off. */
  calledOff: v.exactOptional(v.literal(true)),
};

const deliveryKey = message({ sendGoods: bytesOf(32), goods: bytesOf(32) });
/** A recovery request as it was committed before it was sent. */
const recoverySchema = message({
  body: binary,
  enc: bytesOf(32),
  responseSecret: bytesOf(16),
  key: deliveryKey,
});
export type StoredRecovery = v.InferOutput<typeof recoverySchema>;
/** The fresh session of a redelivery, as the shop acknowledged it. */
const freshSchema = message({ key: deliveryKey, sendGoodsUrl: text, until: time });
export type FreshSession = v.InferOutput<typeof freshSchema>;

/** A purchase; the state decides what else is there. The states are described in `purchase-state.ts`. */
export const purchaseSchema = v.variant("state", [
  message({ state: v.literal("quoted"), ...common }),
  message({ state: v.literal("session-initiated"), ...common, ...initiated }),
  message({ state: v.literal("quote-authenticated"), ...common, ...authenticated }),
  message({ state: v.literal("awaiting-payer"), ...common, ...initiated, payLink: text }),
  message({
    state: v.literal("payment-requested"),
    ...common,
    ...initiated,
    request: v.union([ownRequestSchema, restoredRequestSchema]),
  }),
  message({ state: v.literal("paid"), ...common, ...paid }),
  message({ state: v.literal("advised"), ...common, ...advised }),
  message({
    state: v.literal("goods-requested"),
    ...common,
    ...advised,
    /** Where the goods are sent for again. */
    fresh: v.exactOptional(freshSchema),
  }),
  message({
    state: v.literal("complete"),
    ...common,
    ...advised,
    /** When goods were got again last. */
    redeliveredAt: v.exactOptional(time),
    /** Why they were not, the last time. */
    notAgain: v.exactOptional(failureSchema),
  }),
  message({ state: v.literal("recovering"), ...common, ...advised, recovery: recoverySchema }),
  message({ state: v.literal("declined"), ...ended }),
  message({
    state: v.literal("denied"),
    ...common,
    ...initiated,
    denial: jws,
    reason: v.picklist(DENIAL_REASONS),
    /** Whether the shop was told, or the wallet has stopped trying. */
    forwarded: v.boolean(),
  }),
  message({ state: v.literal("failed"), ...ended, failure: failureSchema }),
  message({ state: v.literal("payer-quoted"), ...common, role: v.literal("payer") }),
  message({
    state: v.literal("payer-confirmed"),
    ...payers,
    wrongPin: v.nullable(message({ attemptsLeft: counter })),
  }),
  message({
    state: v.literal("payer-requested"),
    ...payers,
    request: v.union([ownRequestSchema, restoredRequestSchema]),
  }),
  message({ state: v.literal("payer-paid"), ...payers, proof: jws }),
  message({
    state: v.literal("payer-complete"),
    ...payers,
    proof: jws,
    payment: v.picklist(PAYMENT_STANDINGS),
  }),
  message({
    state: v.literal("payer-denied"),
    ...payers,
    denial: jws,
    reason: v.picklist(DENIAL_REASONS),
    forwarded: v.boolean(),
  }),
]);
export type Purchase = v.InferOutput<typeof purchaseSchema>;
export type PurchaseStateName = Purchase["state"];
export type PurchaseIn<S extends PurchaseStateName> = Extract<Purchase, { state: S }>;

/** A page's quote that could not be shown, and why. */
export const refusalSchema = message({
  refusalId: identifier,
  createdAt: time,
  origin: text,
  quoteUrl: text,
  tabId: v.nullable(v.number()),
  /** Whose payments the shop takes, when that was all that did not fit. */
  issuers: v.array(text),
  failure: failureSchema,
  /** The page was a link that somebody shared. */
  forSomebodyElse: v.optional(v.boolean(), false),
});
export type Refusal = v.InferOutput<typeof refusalSchema>;

export const savedAddressSchema = message({ addressId: identifier, address: addressSchema });
export type SavedAddress = v.InferOutput<typeof savedAddressSchema>;

export const settingsSchema = message({ keepGoods: v.boolean(), openWindow: v.boolean() });
export type Settings = v.InferOutput<typeof settingsSchema>;
export const DEFAULT_SETTINGS: Settings = { keepGoods: true, openWindow: true };
