/** Sell through Chit from a Node server. Start at {@link createMerchant}. */
export type { Address, MerchantStatement, Quote, SettlementReport } from "@chit/protocol";
export { createMerchant, type Merchant } from "./create-merchant.ts";
export type { MerchantBundleInput, MerchantKeysInput } from "./credentials.ts";
export { MerchantError, type MerchantErrorCode } from "./errors.ts";
export type { OfferFor, QuoteForPage } from "./express.ts";
export type { Logger } from "./logger.ts";
export type {
  BatchState,
  BookedEntry,
  BookedOrder,
  BookedPayment,
  Books,
  EntryFilter,
  EntryPlace,
  OrderOutcome,
  SaleCursor,
  StoredBatch,
  TimeCursor,
} from "./mts/books/books.ts";
export type { ReportedPolicy } from "./mts/clearing/clearing-deps.ts";
export type { ReportRun } from "./mts/clearing/fetch-reports.ts";
export type { Finding, FindingDetail, FindingKind, Resolution } from "./mts/clearing/finding.ts";
export { IssuerRefusal, IssuerUnavailable } from "./mts/clearing/issuer-client.ts";
export type { SignedStatement } from "./mts/clearing/merchant-statement.ts";
export type { ReconcileOptions, Reconciliation } from "./mts/clearing/reconcile.ts";
export type { BatchRun, BatchRunOptions, RefusedOrder } from "./mts/clearing/run-batch.ts";
export type { Hook, HookEvent, Hooks } from "./mts/events.ts";
export { memoryStore } from "./mts/memory-store.ts";
export type {
  Content,
  Delivery,
  Fulfil,
  Fulfilment,
  Goods,
  GoodsLabel,
  Offer,
  OfferLine,
  Price,
} from "./mts/offer.ts";
export type { IssuedQuote } from "./mts/purchase.ts";
export type {
  DecideRefund,
  RefundDecision,
  RefundRequest,
  RefundTerms,
} from "./mts/refunds.ts";
export type { NewsType, SaleRecord, SaleState } from "./mts/sale.ts";
export type { LatePayments, LatePolicy } from "./mts/sale-event.ts";
export type { JsonValue, Sale, SaleRefund } from "./mts/sale-view.ts";
export { sqliteStore } from "./mts/sqlite-store.ts";
export {
  type Change,
  decodeSale,
  encodeSale,
  type SaleFilter,
  type Store,
  type StoredEvent,
  type StoredOrder,
} from "./mts/store.ts";
export type { MerchantOptions } from "./options.ts";
export type { CheckoutOptions, PaywallOptions, SellOptions } from "./selling.ts";
export type { BackOfficeOptions } from "./web/office/back-office.ts";
export type { PageTemplate, PageView } from "./web/page.ts";
