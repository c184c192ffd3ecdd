/** What the wallet's records are built from. Byte strings are kept as such, amounts as wire strings. */
import { message, time, whole } from "@chit/protocol";
import * as v from "valibot";

export const binary = v.custom<Uint8Array>(
  (value) => value instanceof Uint8Array,
  "Expected bytes.",
);
export const bytesOf = (length: number) =>
  v.pipe(
    binary,
    v.check((value) => value.length === length, `Expected ${length} bytes.`),
  );
export const counter = whole(0, Number.MAX_SAFE_INTEGER);
export const wireAmount = v.pipe(v.string(), v.regex(/^(0|-?[1-9][0-9]{0,18})$/));
export const text = v.pipe(v.string(), v.maxLength(4_096));

export const failureSchema = message({ code: v.pipe(v.string(), v.maxLength(60)), detail: text });
export type Failure = v.InferOutput<typeof failureSchema>;

/** How the shop took a payment that was made for somebody else. */
export const PAYMENT_STANDINGS = [
  /** It buys what was asked for. */
  "first",
  /** Somebody else had paid before. */
  "further",
  /** The sale was over: the shop gives it back. */
  "returned",
] as const;
export type PaymentStanding = (typeof PAYMENT_STANDINGS)[number];

/** What keeps an account from paying, or `active`. */
export const ACCOUNT_CONDITIONS = [
  "active",
  "awaiting-pin",
  "pin-locked",
  "pin-changed",
  "out-of-sequence",
  "held",
  "device-revoked",
] as const;

/** What a purchase waits for. `retryAt`: when the wallet tries again by itself; null: it waits for the shopper. */
export const waitingSchema = message({
  code: v.pipe(v.string(), v.maxLength(60)),
  detail: text,
  tries: counter,
  retryAt: v.nullable(time),
});
