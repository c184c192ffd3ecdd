/** Everything that the MTS's steps need, passed in as one object. */
import type { GoodsCipher, OpeningKey, ProtocolCrypto } from "@chit/protocol";
import type { Logger } from "../logger.ts";
import type { CertificateKeeper } from "./certificate-keeper.ts";
import type { Events } from "./events.ts";
import type { GoodsShelf } from "./goods-shelf.ts";
import type { IssuerKeys } from "./issuer-keys.ts";
import type { OrderSigner } from "./order-signer.ts";
import type { RecoveryPolicy } from "./redelivery.ts";
import type { RefundPolicy } from "./refunds.ts";
import type { SaleRecord } from "./sale.ts";
import type { Sellers } from "./sellers.ts";
import type { Store } from "./store.ts";

export interface MtsDeps {
  readonly store: Store;
  /** Seconds. */
  readonly clock: () => number;
  readonly crypto: ProtocolCrypto;
  readonly cipher: Pick<GoodsCipher, "seal">;
  /** The certified key that sessions are sealed to. */
  readonly openingKey: Promise<OpeningKey>;
  readonly certificate: CertificateKeeper;
  readonly issuerKeys: IssuerKeys;
  readonly shelf: GoodsShelf;
  readonly sellers: Sellers;
  readonly events: Events;
  readonly recovery: RecoveryPolicy;
  readonly orders: OrderSigner;
  readonly refunds: RefundPolicy;
  /** Whether shoppers are asked to let the shop recognise them, where an offer does not say. */
  readonly loyalty: boolean;
  readonly logger: Logger;
  /** Fulfilments under way in this process, by transaction number: two proofs at once make goods once. */
  readonly fulfilling: Map<string, Promise<SaleRecord>>;
}
