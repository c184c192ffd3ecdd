/** Refund orders, signed by the merchant's certified signing key (PROTOCOL.md, "Refund orders"). */
import { createRefundOrder, type Signer } from "@chit/protocol";
import type { SaleRecord } from "./sale.ts";
import type { OrderDraft } from "./sale-event.ts";
import type { StoredOrder } from "./store.ts";
import { subjectOf } from "./subject.ts";

/** Signs refund orders for one issuer. */
export class OrderSigner {
  readonly #signer: Signer;
  readonly #issuer: string;

  constructor(signer: Signer, issuer: string) {
    this.#signer = signer;
    this.#issuer = issuer;
  }

  /** A refund order of a sale, to be stored with it. `at` in seconds. */
  async sign(
    sale: SaleRecord,
    { orderId, refunded, of }: OrderDraft,
    at: number,
  ): Promise<StoredOrder> {
    const { transactionNumber } = sale;
    const { merchantId, currency, scale } = sale.state === "stray" ? sale.paid : subjectOf(sale);
    const document = await createRefundOrder(this.#signer, {
      iss: merchantId,
      aud: this.#issuer,
      jti: orderId,
      iat: at,
      transactionNumber,
      refunded,
      of,
      currency,
      scale,
    });
    return { orderId, transactionNumber, refunded, of, document, at, batchId: null };
  }
}
