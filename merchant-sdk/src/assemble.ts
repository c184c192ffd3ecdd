/** Everything that the MTS needs, put together from the merchant's options. */
import { dirname, join } from "node:path";
import { type OpeningKey, SUITE } from "@chit/protocol";
import { nodeCrypto, nodeGoodsCipher, nodeOpeningKey, nodeSigner } from "@chit/protocol/node";
import { readBundle, readKeys } from "./credentials.ts";
import { MerchantError } from "./errors.ts";
import { MERCHANT_LIMITS } from "./limits.ts";
import { errorFields } from "./logger.ts";
import { CertificateKeeper } from "./mts/certificate-keeper.ts";
import type { ClearingDeps } from "./mts/clearing/clearing-deps.ts";
import type { MtsDeps } from "./mts/deps.ts";
import { Events } from "./mts/events.ts";
import { GoodsShelf } from "./mts/goods-shelf.ts";
import { IssuerKeys } from "./mts/issuer-keys.ts";
import { OrderSigner } from "./mts/order-signer.ts";
import type { RecoveryPolicy } from "./mts/redelivery.ts";
import type { RefundPolicy } from "./mts/refunds.ts";
import { Sellers } from "./mts/sellers.ts";
import { sqliteStore } from "./mts/sqlite-store.ts";
import type { MerchantOptions } from "./options.ts";
import { systemPlatform } from "./platform.ts";

/**
 * Puts together what the MTS needs. `closing`: says when the shop closes.
 *
 * @throws {MerchantError} `keys-unreadable`, `bundle-unreadable`, `store-unusable`
 */
export function assemble(options: MerchantOptions, closing: AbortSignal): ClearingDeps {
  const keys = readKeys(options.keys);
  const bundle = readBundle(options.bundle);
  const { clock = systemPlatform.clock, logger = systemPlatform.logger } = options;
  const directory = typeof options.keys === "string" ? dirname(options.keys) : ".";
  const crypto = nodeCrypto(options.randomBytes ?? systemPlatform.randomBytes);
  const store = options.store ?? sqliteStore(join(directory, "chit-merchant.db"));
  const fetch = options.fetch ?? systemPlatform.fetch;
  const { issuer, rootKey, keyList, certificate } = bundle;
  const signer = nodeSigner(keys.signingKey);
  const openingKey: Promise<OpeningKey> = nodeOpeningKey(crypto, keys.sealingKey);
  return {
    store,
    clock,
    logger,
    crypto,
    cipher: nodeGoodsCipher,
    openingKey,
    issuerKeys: issuerKeysOf({ store, clock, crypto, fetch, logger }, issuer, rootKey, keyList),
    certificate: new CertificateKeeper(crypto, keys, certificate),
    shelf: new GoodsShelf({
      directory: options.goodsDirectory ?? join(directory, "chit-merchant-goods"),
      randomBytes: crypto.randomBytes,
    }),
    sellers: new Sellers(),
    recovery: recoveryPolicy(options),
    orders: new OrderSigner(signer, issuer),
    refunds: refundPolicy(options),
    loyalty: options.loyalty ?? false,
    events: new Events({
      store,
      hooks: options.hooks ?? {},
      hooksElsewhere: options.hooksElsewhere ?? false,
      clock,
      logger,
    }),
    fulfilling: new Map(),
    signer,
    ownSecret: keys.signingKey,
    fetch,
    sleep: systemPlatform.sleep,
    closing,
    reported: options.reportedPayments ?? "deliver",
  };
}

function recoveryPolicy({ goodsKeySeconds, redelivery = {} }: MerchantOptions): RecoveryPolicy {
  const { redeliveryPeriodSeconds, redeliveryTimes, goodsKeySeconds: usual } = MERCHANT_LIMITS;
  const terms =
    redelivery === false
      ? null
      : {
          periodSeconds: redelivery.periodSeconds ?? redeliveryPeriodSeconds,
          times: redelivery.times ?? redeliveryTimes,
        };
  return { goodsKeySeconds: goodsKeySeconds ?? usual, redelivery: terms };
}

function refundPolicy({ refunds = {} }: MerchantOptions): RefundPolicy {
  const { decide = null, decisionSeconds, latePayments = {} } = refunds;
  const { expired = "deliver", cancelled = "refund", refunded = "refund" } = latePayments;
  return {
    decide,
    decisionSeconds: decisionSeconds ?? MERCHANT_LIMITS.refundDecisionSeconds,
    latePayments: { expired, cancelled, refunded },
  };
}

function issuerKeysOf(...parts: ConstructorParameters<typeof IssuerKeys>): IssuerKeys {
  try {
    return new IssuerKeys(...parts);
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause);
    throw new MerchantError(
      "bundle-unreadable",
      `The bundle's key list does not verify (suite ${SUITE}): ${problem} Fetch the bundle again, and check this computer's clock.`,
      { cause },
    );
  }
}

/** Throws for what only a person can mend before the shop starts; warns of what time may mend. */
export function reportReadiness({ issuerKeys, certificate, clock, logger }: MtsDeps): void {
  const list = issuerKeys.known;
  if (list === undefined) {
    logger.warn({ issuer: issuerKeys.issuer }, "The bundle's key list has expired; fetching one.");
    return;
  }
  try {
    certificate.inForce(list, clock());
  } catch (error) {
    const expired =
      error instanceof MerchantError &&
      (error.code === "certificate-expired" || error.code === "certificate-not-yet-valid");
    if (!expired) throw error;
    logger.error(errorFields(error), "The shop takes no payments until this is mended.");
  }
}
