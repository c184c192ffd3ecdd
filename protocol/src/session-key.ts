/**
 * The session key between CTS and MTS as five named segments, each exported from the HPKE context of step 3
 * under its own label. Neither side keeps the context.
 */
import { LABELS } from "./labels.ts";
import type { Export } from "./sealed-message.ts";

/** Bytes of each segment. */
export const SEGMENT_BYTES = 32;

/** The five segments, 32 bytes each. */
export interface SessionKey {
  /** Keys the MTS's MAC of step 4. */
  readonly quoteAuthentication: Uint8Array;
  /** Keys the MTS's MAC of step 8. */
  readonly shippingAdvice: Uint8Array;
  /** Keys the CTS's MAC of step 9. */
  readonly sendGoods: Uint8Array;
  /** What the goods keys of step 10 are derived from. */
  readonly goods: Uint8Array;
  /** Kept by both to refer back to the transaction later, in a recovery request (paper, figure 4). */
  readonly token: Uint8Array;
}

/** Exports all segments. */
export async function deriveSessionKey(exportSecret: Export): Promise<SessionKey> {
  const [quoteAuthentication, shippingAdvice, sendGoods, goods, token] = await Promise.all([
    exportSecret(LABELS.quoteAuthentication, SEGMENT_BYTES),
    exportSecret(LABELS.shippingAdvice, SEGMENT_BYTES),
    exportSecret(LABELS.sendGoods, SEGMENT_BYTES),
    exportSecret(LABELS.goods, SEGMENT_BYTES),
    exportSecret(LABELS.token, SEGMENT_BYTES),
  ]);
  return { quoteAuthentication, shippingAdvice, sendGoods, goods, token };
}
