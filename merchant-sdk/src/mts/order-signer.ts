/** Refund orders, signed by the merchant's certified signing key (PROTOCOL.md, "Refund orders"). */
import {
  ChitError,
  createRefundOrder,
  type ProtocolCrypto,
  type Signer,
  verifyRefundOrder,
} from "@chit/protocol";
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

  /**
   * An order that no batch has taken to the TPS yet, as the key of today signs it. The merchant's key may be another one by
   * now, and the one of before revoked: the TPS refuses a whole batch for the sake of one such order.
   *
   * @param publicKey of the merchant's signer
   * @param sale null where it is gone: the order stays as it is
   */
  async asOfToday(
    crypto: Pick<ProtocolCrypto, "verifyEd25519">,
    publicKey: Uint8Array,
    sale: SaleRecord | null,
    order: StoredOrder,
  ): Promise<string> {
    try {
      verifyRefundOrder(crypto, publicKey, order.document);
      return order.document;
    } catch (error) {
      const isOlder = error instanceof ChitError && error.code === "signing-key-unknown";
      if (!isOlder || sale === null) return order.document;
      return (await this.sign(sale, order, order.at)).document;
    }
  }
}
