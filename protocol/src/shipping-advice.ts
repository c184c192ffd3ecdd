/**
 * Step 8: the shipping advice (MTS → CTS). It says how to send for the digital goods, with their digest, or
 * how the physical ones will come. In clear, authenticated under the session; on the wire
 * `{"v":1,"type":"shipping-advice","advice":"<base64url of JSON>","mac":"<32 bytes>"}`.
 */
import * as v from "valibot";
import { equalBytes, toBase64url } from "./bytes.ts";
import { ChitError } from "./errors.ts";
import { LABELS } from "./labels.ts";
import { LIMITS } from "./limits.ts";
import {
  bytes,
  bytesUpTo,
  displayText,
  header,
  identifier,
  message,
  messageBytes,
  parseMessage,
  secureUrl,
  time,
  whole,
} from "./schema.ts";
import type { Session, SessionSubject } from "./session-initiation.ts";
import { labelledMac } from "./transcript.ts";

const goodsItemSchema = message({
  /** Names the thing in send goods. */
  goodsId: identifier,
  name: displayText(LIMITS.lineTextLength),
  /** What a browser would save it as; no path. */
  filename: v.pipe(
    displayText(LIMITS.lineTextLength),
    v.regex(/^(?!\.{1,2}$)[^/\\:*?"<>|]+$/, "Expected a file name without a path."),
  ),
  mediaType: v.pipe(
    v.string(),
    v.maxLength(100),
    v.regex(/^[\w.+-]+\/[\w.+-]+(; ?[\w.+-]+=[\w.+-]+)*$/, "Expected a media type."),
  ),
  /** Bytes of the goods in clear. */
  size: whole(0, LIMITS.goodsBytes),
  /** SHA-256 of the goods in clear. */
  digest: bytes(32),
  /** `page`: handed to the page that asked (an article); `save`: a file for the shopper. */
  presentation: v.picklist(["save", "page"]),
});

/** One digital thing to send for. */
export type GoodsItem = v.InferOutput<typeof goodsItemSchema>;

/** What a shipping advice may say. */
export const adviceSchema = message({
  /** Digital things; none when only physical goods come. */
  goods: v.pipe(v.array(goodsItemSchema), v.maxLength(LIMITS.goodsItems)),
  /** Where send goods goes (POST); same origin as the quote's URLs. Null when there is nothing to send for. */
  sendGoodsUrl: v.nullable(secureUrl),
  /** How physical goods will come; null when there are none. */
  delivery: v.nullable(
    message({
      text: displayText(LIMITS.deliveryTextLength),
      carrier: v.exactOptional(displayText(LIMITS.nameLength)),
      trackingUrl: v.exactOptional(secureUrl),
      expectedFrom: v.exactOptional(time),
      expectedUntil: v.exactOptional(time),
    }),
  ),
});

/** What the shipping advice says. */
export type ShippingAdvice = v.InferOutput<typeof adviceSchema>;
export type ShippingAdviceInput = v.InferInput<typeof adviceSchema>;

const wireSchema = message({
  ...header("shipping-advice"),
  advice: bytesUpTo(LIMITS.adviceBytes),
  mac: bytes(32),
});

/**
 * Step 8 at the MTS. Exact bytes.
 *
 * @throws {ChitError} `malformed-message` when the advice breaks its own bounds.
 */
export function createShippingAdvice(
  session: Session,
  subject: SessionSubject,
  advice: ShippingAdviceInput,
): Uint8Array {
  const content = messageBytes(advice);
  parseMessage(adviceSchema, content, LIMITS.adviceBytes);
  return messageBytes({
    v: 1,
    type: "shipping-advice",
    advice: toBase64url(content),
    mac: toBase64url(adviceMac(session, subject, content)),
  });
}

/**
 * Step 8 at the CTS.
 *
 * @throws {ChitError} `malformed-message`, `authentication-failed`
 */
export function verifyShippingAdvice(
  session: Session,
  subject: SessionSubject,
  body: Uint8Array,
): ShippingAdvice {
  const { advice, mac } = parseMessage(wireSchema, body);
  if (!equalBytes(mac, adviceMac(session, subject, advice))) {
    throw new ChitError(
      "authentication-failed",
      "The shipping advice does not come from the shop of this session.",
    );
  }
  return parseMessage(adviceSchema, advice, LIMITS.adviceBytes);
}

function adviceMac(session: Session, subject: SessionSubject, content: Uint8Array): Uint8Array {
  return labelledMac(
    session.key.shippingAdvice,
    LABELS.shippingAdvice,
    subject.merchantId,
    subject.transactionNumber,
    subject.quoteHash,
    session.sessionHash,
    content,
  );
}
