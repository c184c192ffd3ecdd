/** Puts a shop together: keys, bundle, store, hooks, and the handlers that an application mounts. */
import { dirname, join } from "node:path";
import { type OpeningKey, SUITE } from "@chit/protocol";
import { nodeCrypto, nodeGoodsCipher, nodeOpeningKey } from "@chit/protocol/node";
import type { RequestHandler } from "express";
import { readBundle, readKeys } from "./credentials.ts";
import { MerchantError } from "./errors.ts";
import {
  createQuoteAttachment,
  createRouter,
  createSalePage,
  type OfferFor,
  type Seller,
  type WebOptions,
} from "./express.ts";
import { MERCHANT_LIMITS } from "./limits.ts";
import { errorFields } from "./logger.ts";
import { CertificateKeeper } from "./mts/certificate-keeper.ts";
import type { MtsDeps } from "./mts/deps.ts";
import { Events } from "./mts/events.ts";
import { checkFixedOffer } from "./mts/fixed-offer.ts";
import { GoodsShelf } from "./mts/goods-shelf.ts";
import { IssuerKeys } from "./mts/issuer-keys.ts";
import { type Fulfil, type Offer, type Sale, viewSale } from "./mts/offer.ts";
import { type IssuedQuote, issueQuote } from "./mts/purchase.ts";
import type { RecoveryPolicy } from "./mts/redelivery.ts";
import { Sellers } from "./mts/sellers.ts";
import { sqliteStore } from "./mts/sqlite-store.ts";
import type { SaleFilter } from "./mts/store.ts";
import { checkOptions, type MerchantOptions } from "./options.ts";
import { systemPlatform } from "./platform.ts";
import {
  type CheckoutOptions,
  offerOf,
  type PaywallOptions,
  paywallSeller,
  type SellOptions,
} from "./selling.ts";
import { MountWatch } from "./web/mount-watch.ts";
import { quoteHead } from "./web/page.ts";

/** A shop. */
export interface Merchant {
  /** Middleware with the protocol's endpoints: `app.use(merchant.router())`, before body parsers. */
  router(): RequestHandler;
  /**
   * Sells one thing: answers with its payment page. Here and below, an offer that is no function is checked at
   * once: a mistake throws a {@link MerchantError}, a file that is not there (yet) is logged.
   */
  sell(options: SellOptions): RequestHandler;
  /** Sells a route's content. */
  paywall(options: PaywallOptions): RequestHandler;
  /** Sells whatever a request asks for, a cart say. */
  checkout(offer: OfferFor, options?: CheckoutOptions): RequestHandler;
  /** Like `checkout`, but goes on to the next handler, with `res.locals.chit` for its own page. */
  attachQuote(offer: OfferFor, options?: CheckoutOptions): RequestHandler;
  /** The pointer and the script for the head of a page of one's own, as HTML. */
  quoteHead(issued: IssuedQuote): string;
  /** Makes a quote outside of Express. `origin` must be certified. */
  issueQuote(sellerId: string, offer: Offer, origin: string): Promise<IssuedQuote>;
  /** The sale of a transaction number. */
  sale(transactionNumber: string): Promise<Sale | undefined>;
  /** Sales, newest first. */
  sales(filter?: SaleFilter): Promise<Sale[]>;
  /** Stops the background work, finishes hooks under way and closes the store. */
  close(): Promise<void>;
}

/**
 * Makes a shop.
 *
 * @throws {MerchantError} `options-invalid`, `keys-unreadable`, `bundle-unreadable`, `keys-mismatch`,
 * `store-unusable`. A certificate that has run out does not throw: the shop starts and says on its pages that it takes no payments.
 */
export function createMerchant(options: MerchantOptions): Merchant {
  checkOptions(options);
  const deps = assemble(options);
  const web = webOptions(options, deps);
  const stop = options.background === false ? () => {} : startBackground(deps);
  reportReadiness(deps);

  const seller = (
    id: string,
    offer: OfferFor,
    fulfil: Fulfil | undefined,
    fixed: Offer | undefined = typeof offer === "function" ? undefined : offer,
  ): Seller => {
    if (fixed !== undefined) checkFixedOffer(deps, id, fixed, fulfil !== undefined);
    deps.sellers.register(id, fulfil);
    return { id, offer, fulfil };
  };
  const checkoutSeller = (offer: OfferFor, { id, fulfil }: CheckoutOptions) =>
    seller(id ?? (typeof offer === "function" ? "checkout" : offer.name), offer, fulfil);

  return {
    router() {
      web.mount.routerMade();
      return createRouter(deps, web);
    },
    sell(sold) {
      const { offer, fulfil } = offerOf(sold);
      return createSalePage(deps, web, seller(sold.id ?? sold.name, offer, fulfil));
    },
    paywall(sold) {
      return createSalePage(deps, web, paywallSeller(sold, seller));
    },
    checkout: (offer, more = {}) => createSalePage(deps, web, checkoutSeller(offer, more)),
    attachQuote: (offer, more = {}) =>
      createQuoteAttachment(deps, web, checkoutSeller(offer, more)),
    quoteHead,
    issueQuote: (sellerId, offer, origin) =>
      issueQuote(deps, {
        sellerId,
        offer,
        hasFulfil: deps.sellers.canFulfil(sellerId),
        origin,
        endpoint: `${origin}${web.baseUrl?.pathname.replace(/\/$/, "") ?? ""}${web.mountPath}`,
      }),
    async sale(transactionNumber) {
      const record = await deps.store.find(transactionNumber);
      return record === undefined ? undefined : viewSale(record);
    },
    sales: async (filter = {}) => (await deps.store.list(filter)).map(viewSale),
    async close() {
      stop();
      await deps.events.settle();
      await deps.store.close();
    },
  };
}

function assemble(options: MerchantOptions): MtsDeps {
  const keys = readKeys(options.keys);
  const bundle = readBundle(options.bundle);
  const { clock = systemPlatform.clock, logger = systemPlatform.logger } = options;
  const directory = typeof options.keys === "string" ? dirname(options.keys) : ".";
  const crypto = nodeCrypto(options.randomBytes ?? systemPlatform.randomBytes);
  const store = options.store ?? sqliteStore(join(directory, "chit-merchant.db"));
  const fetch = options.fetch ?? systemPlatform.fetch;
  const { issuer, rootKey, keyList, certificate } = bundle;
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
    loyalty: options.loyalty ?? false,
    events: new Events({ store, hooks: options.hooks ?? {}, clock, logger }),
    fulfilling: new Map(),
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
function reportReadiness({ issuerKeys, certificate, clock, logger }: MtsDeps): void {
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

function startBackground(deps: MtsDeps): () => void {
  const work = () => {
    void deps.issuerKeys.refresh();
    void deps.events.deliver();
    deps.store
      .prune(deps.clock() - MERCHANT_LIMITS.forgottenQuoteSeconds)
      .catch((error) => deps.logger.warn(errorFields(error), "Old quotes could not be forgotten."));
  };
  work();
  return systemPlatform.every(MERCHANT_LIMITS.eventSweepSeconds, work);
}

function webOptions(options: MerchantOptions, { issuerKeys, logger }: MtsDeps): WebOptions {
  const { baseUrl, mountPath = "/chit" } = options;
  const path = `/${mountPath.replace(/^\/+|\/+$/g, "")}`;
  return {
    baseUrl: baseUrl === undefined ? undefined : new URL(baseUrl),
    mountPath: path === "/" ? "" : path,
    walletUrl: options.walletUrl ?? issuerKeys.issuer,
    page: options.page,
    mount: new MountWatch(logger),
    showErrors: options.showErrors ?? systemPlatform.showErrors,
  };
}
