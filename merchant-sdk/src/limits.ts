/** Every bound of the merchant SDK beyond the protocol's own, each with its reason. */
export const MERCHANT_LIMITS = {
  /** How long a quote holds unless told, in seconds: time to find the PIN, too short to speculate on. */
  quoteLifeSeconds: 900,
  /** How much older than its quote a proof may be dated: the clocks of TPS and shop differ, hardly by a day. */
  proofBeforeQuoteSeconds: 86_400,
  /** Denials kept for one sale: anyone with an account can make them, nothing hangs on them. */
  denials: 20,
  /** Own data of the merchant that is kept with a sale, as JSON characters. */
  dataLength: 65_536,
  /** The merchant's own order number. */
  referenceLength: 200,
  /** Bytes read at a time from a goods file: four chunks, so that memory stays flat and disks stay busy. */
  goodsReadBytes: 262_144,
  /** Seconds for which a hook that was handed an event is left alone before it is handed it again. */
  eventLeaseSeconds: 300,
  /** Longest wait between two attempts of a failing hook, in seconds. */
  eventRetrySeconds: 3_600,
  /**
   * Sales whose records and quotes are kept parsed in memory, some 20 KB each: those between page and goods in a busy shop. What
   * counts is in the store.
   */
  recentSales: 500,
  /** Pages of the SQLite file that are kept in memory, in KiB: the upper levels of its trees and the sales under way. */
  storeCacheKib: 16_384,
  /** Ways of writing amounts that are kept: languages by currencies. */
  recentFormats: 50,
  /** Events handed to hooks in one go. */
  eventBatch: 50,
  /** Between two looks for hook events left over, in seconds. */
  eventSweepSeconds: 30,
  /** Between two refreshes of the key list, in seconds: well inside the overlap of old and new keys. */
  keyListRefreshSeconds: 21_600,
  /** Between two attempts while the key list could not be fetched, in seconds. */
  keyListRetrySeconds: 300,
  /** Longest wait for the issuer's key list, in milliseconds. */
  keyListTimeoutMs: 10_000,
  /** Quotes that nobody opened are forgotten this long after they expired, in seconds. */
  forgottenQuoteSeconds: 86_400,
  /** How long after delivery the first session sends for the goods unless told: a month, then the token does. */
  goodsKeySeconds: 2_592_000,
  /** How long after payment goods are given again unless told: two years, in seconds. */
  redeliveryPeriodSeconds: 63_072_000,
  /** How often, unless told: more computers than anyone wears out meanwhile. */
  redeliveryTimes: 20,
  /** How often at most, whatever the merchant says: each is kept with its sale. */
  redeliveries: 1_000,
  /** How long the fresh keys of a redelivery live: a day for a slow line, in seconds. */
  redeliveryKeySeconds: 86_400,
  /** Requests for a refund that one sale takes: each is kept, so that it counts once; nobody needs more. */
  refundRequests: 50,
  /** Refund orders of one sale that are made because an earlier one found too few payments. */
  refundOrders: 100,
  /** Longest wait for the merchant's decision while the wallet waits, unless told, in seconds. */
  refundDecisionSeconds: 5,
  /** And at most: wallets and proxies give up on an answer after half a minute or so. */
  refundDecisionMostSeconds: 25,
  /** Longest wait for an answer of the TPS in the background, in milliseconds: a report's page is a large one. */
  issuerTimeoutMs: 30_000,
  /** Between two looks for the result of a batch, in seconds: the TPS processes batches every few seconds. */
  batchPollSeconds: 2,
  /** How long a run on the schedule waits for the results of its batches, in seconds; then the next run asks. */
  batchWaitSeconds: 30,
  /** How long the back office waits for the results of a batch that a person sends, in seconds. */
  officeWaitSeconds: 10,
  /** Bytes of a batch besides its orders: header, signature, ids, the issuer's address. */
  batchFrameBytes: 2_048,
  /** Batches that one run goes on with: beyond that many without a result, the next ones come later. */
  openBatches: 1_000,
  /** Between two runs of batches and reports, unless told, in seconds: an hour. */
  batchEverySeconds: 3_600,
  /** The longest that a schedule may be: timers of the machine go no further, and who waits a week forgets it. */
  batchEveryMostSeconds: 604_800,
  /** Goods that nobody sent for so long after the quote are worth a look, in seconds: a day. */
  unclaimedSeconds: 86_400,
  /** A refund order that did not execute for so long is worth a look, in seconds: a day. */
  orderPatienceSeconds: 86_400,
  /** For how long a form of the back office may be sent after its page was made: half a day at a desk, in seconds. */
  formSeconds: 43_200,
  /** A form of the back office: its longest field is a message to a shopper, percent-encoded. */
  formBytes: 16_384,
  /** Rows of a list in the back office: a page that a person can look through. */
  officeRows: 50,
  /** Findings of one page of a reconciliation, unless told. */
  findings: 50,
  /** Sales in one listing, unless told: a page that a person can look through. */
  listing: 500,
} as const;
