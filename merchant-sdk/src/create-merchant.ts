/** Puts a shop together: keys, bundle, store, hooks, and the handlers that an application mounts. */
import type { SettlementReport } from "@chit/protocol";
import type { RequestHandler } from "express";
import { assemble, reportReadiness } from "./assemble.ts";
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
import { ClearingDesk } from "./mts/clearing/desk.ts";
import type { ReportRun } from "./mts/clearing/fetch-reports.ts";
import type { Resolution } from "./mts/clearing/finding.ts";
import { fetchStatement, type SignedStatement } from "./mts/clearing/merchant-statement.ts";
import type { ReconcileOptions, Reconciliation } from "./mts/clearing/reconcile.ts";
import type { BatchRun, BatchRunOptions } from "./mts/clearing/run-batch.ts";
import type { MtsDeps } from "./mts/deps.ts";
import { checkFixedOffer } from "./mts/fixed-offer.ts";
import { type Fulfil, type Offer, seconds } from "./mts/offer.ts";
import { type IssuedQuote, issueQuote } from "./mts/purchase.ts";
import {
  cancelSale,
  decideRefund,
  giveRefund,
  type RefundDecision,
  type RefundTerms,
} from "./mts/refunds.ts";
import { type Sale, viewSale } from "./mts/sale-view.ts";
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
import { type BackOfficeOptions, createBackOffice } from "./web/office/back-office.ts";
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
  /**
   * Gives back what was paid for a number, to whoever paid: all of it, or a part of the price. `amount` is what is given back
   * by now, with what was given back before, so the same call again changes nothing.
   */
  refund(transactionNumber: string, terms?: RefundTerms): Promise<Sale>;
  /** Decides a refund that a shopper asked for and that is open. */
  decideRefund(transactionNumber: string, decision: RefundDecision): Promise<Sale>;
  /** Takes an unpaid offer back: its quote is not paid any more. See `refunds.latePayments` for what is paid all the same. */
  cancel(transactionNumber: string): Promise<Sale>;
  /**
   * Sends the refund orders that wait to the operator, and tells the sales what came of them. Goes on where an earlier run
   * ended, however it ended; rejects only where keys or store fail, an operator out of reach is in what it gives.
   */
  runBatch(options?: BatchRunOptions): Promise<BatchRun>;
  /** Fetches the settlement reports that are not here yet, each verified. */
  fetchReports(): Promise<ReportRun>;
  /** Settlement reports that are here, newest first; those before cycle `before`. */
  reports(filter?: { before?: number; limit?: number }): Promise<SettlementReport[]>;
  /**
   * The operator's signed statement over the settlements that ended in a time: from the first moment to before the second, a
   * Date or seconds since 1970.
   */
  statement(from: Date | number, until: Date | number): Promise<SignedStatement>;
  /** What of sales, refunds and settlement reports does not meet, and what can be done about it; page by page. */
  reconcile(options?: ReconcileOptions): Promise<Reconciliation>;
  /** Does one of the actions of a finding. */
  resolve(resolution: Resolution): Promise<void>;
  /**
   * The back office: `app.use("/office", merchant.backOffice({ authenticate }))`. `authenticate` is yours and tells who
   * asks; there is no back office without it.
   */
  backOffice(options: BackOfficeOptions): RequestHandler;
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
  const closing = new AbortController();
  const deps = assemble(options, closing.signal);
  const desk = new ClearingDesk(deps);
  const web = webOptions(options, deps);
  const stop = options.background === false ? () => {} : startBackground(deps, desk, options);
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
    refund: async (transactionNumber, terms = {}) =>
      viewSale(await giveRefund(deps, transactionNumber, terms)),
    decideRefund: async (transactionNumber, decision) =>
      viewSale(await decideRefund(deps, transactionNumber, decision)),
    cancel: async (transactionNumber) => viewSale(await cancelSale(deps, transactionNumber)),
    runBatch: (run) => desk.runBatch(run),
    fetchReports: () => desk.fetchReports(),
    reports: ({ limit = MERCHANT_LIMITS.listing, ...filter } = {}) =>
      deps.store.reports({ ...filter, limit }),
    statement: (from, until) => fetchStatement(deps, seconds(from), seconds(until)),
    reconcile: (page) => desk.reconcile(page),
    resolve: (resolution) => desk.resolve(resolution),
    backOffice: (office) => createBackOffice(deps, desk, web.baseUrl, office),
    async close() {
      stop();
      closing.abort();
      await desk.settle();
      await deps.events.settle();
      await deps.store.close();
    },
  };
}

function startBackground(
  deps: MtsDeps,
  desk: ClearingDesk,
  { batches = {} }: MerchantOptions,
): () => void {
  const work = () => {
    void deps.issuerKeys.refresh();
    void deps.events.deliver();
    deps.store
      .prune(deps.clock() - MERCHANT_LIMITS.forgottenQuoteSeconds)
      .catch((error) => deps.logger.warn(errorFields(error), "Old quotes could not be forgotten."));
  };
  work();
  const stopSweep = systemPlatform.every(MERCHANT_LIMITS.eventSweepSeconds, work);
  const stopBatches = batches === false ? () => {} : scheduleBatches(desk, batches);
  return () => {
    stopSweep();
    stopBatches();
  };
}

/** At once, for what a crash left behind, and then on the schedule; a slow run is not begun a second time. */
function scheduleBatches(
  desk: ClearingDesk,
  { everySeconds = MERCHANT_LIMITS.batchEverySeconds }: { readonly everySeconds?: number },
): () => void {
  const { batchWaitSeconds } = MERCHANT_LIMITS;
  const waitSeconds = Math.min(batchWaitSeconds, everySeconds);
  let underWay = false;
  const tick = async () => {
    if (underWay) return;
    underWay = true;
    await desk.tick(waitSeconds);
    underWay = false;
  };
  void tick();
  return systemPlatform.every(everySeconds, () => void tick());
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
