/**
 * Getting goods again (PROTOCOL.md, section 8): the token goes to the shop under a fresh session, and what the shop then
 * sends travels under that one. The request is on disk before it is sent, so that a kill costs no second one.
 */
import {
  ChitError,
  createRecoveryRequest,
  decodeCertificate,
  merchantSealingKey,
  openRecoveryAcknowledgment,
  type RecoveryRefusal,
} from "@chit/protocol";
import type { WalletFailureCode } from "../messages.ts";
import type { CtsDeps } from "./deps.ts";
import { RefusedError } from "./errors.ts";
import { postRecovery } from "./mts-client.ts";
import type { PurchaseEvent } from "./purchase-state.ts";
import { quoteOf } from "./quote-of.ts";
import type { Failure, PurchaseIn } from "./records.ts";

type Bought = PurchaseIn<"goods-requested" | "complete">;

/**
 * Prepares a recovery request. It is sealed to the key in the purchase's own quote: the certificate was verified when
 * the quote was taken, the shop showed in step 4 that it holds the key, and the dates are of no matter afterwards.
 */
export async function wishForGoods(deps: CtsDeps, purchase: Bought): Promise<PurchaseEvent> {
  const quote = quoteOf(purchase);
  const key = merchantSealingKey(decodeCertificate(quote.certificate));
  const { token } = purchase.session.key;
  const wish = { wish: "redelivery", token } as const;
  const recovery = await createRecoveryRequest(deps.crypto, key, quote, wish);
  return { type: "redelivery-wished", recovery };
}

/** Whether the wallet has not all copies of what was bought. */
export async function isMissingGoods(
  { goods }: Pick<CtsDeps, "goods">,
  { purchaseId, advice }: PurchaseIn<"complete">,
): Promise<boolean> {
  const copies = advice.goods.map(({ goodsId }) => goods.progress(purchaseId, goodsId));
  return (await Promise.all(copies)).some(({ verified }) => !verified);
}

/**
 * Sends the identical bytes, and reads what the shop acknowledges.
 *
 * @throws {UnreachableError | RefusedError} as `exchange` does; {ChitError} when the answer is not genuine
 */
export async function askForGoods(
  deps: CtsDeps,
  purchase: PurchaseIn<"recovering">,
): Promise<PurchaseEvent> {
  const { recoveryUrl } = quoteOf(purchase);
  const { recovery, shopOrigin } = purchase;
  const reply = await postRecovery(deps, recoveryUrl, recovery.body);
  const answer = await openRecoveryAcknowledgment(deps.crypto, recovery, reply);
  switch (answer.answer) {
    case "redelivery": {
      const { sendGoodsUrl, until } = answer;
      if (new URL(sendGoodsUrl).origin !== shopOrigin) {
        throw new ChitError("malformed-message", "The shop sends for goods at another origin.");
      }
      return { type: "redelivery-given", fresh: { key: recovery.key, sendGoodsUrl, until } };
    }
    case "refused":
      return { type: "redelivery-refused", failure: refusal(answer.reason) };
    case "refund":
    case "payment":
      throw new ChitError("malformed-message", "The shop answers another wish than this one.");
  }
}

/** The shop's keys for the goods are over: the wallet asks by itself, unless the shop gave fresh ones just now. */
export function mustAskAgain(
  deps: Pick<CtsDeps, "nowSeconds">,
  { fresh }: PurchaseIn<"goods-requested">,
  error: unknown,
): boolean {
  if (!(error instanceof RefusedError) || error.code !== "session-expired") return false;
  return fresh === undefined || deps.nowSeconds() >= fresh.until;
}

function refusal(reason: RecoveryRefusal): Failure {
  const codes: Record<RecoveryRefusal, WalletFailureCode> = {
    refunded: "refunded",
    "period-over": "redelivery-over",
    "too-often": "redelivery-too-often",
    "nothing-to-send": "redelivery-not-offered",
    "not-offered": "redelivery-not-offered",
    "more-than-paid": "redelivery-not-offered",
  };
  return { code: codes[reason], detail: reason };
}
