/** Every bound of the TPS, each with its reason. */
const DAY_SECONDS = 86_400;

export const LIMITS = {
  /** Connections to the database of one process: its batches, its singles and some for all else. */
  databaseConnections: 16,
  /** To each server that holds accounts, where several do: its batches and two singles. */
  placeConnections: 5,
  /** Databases that accounts are spread over, once and for all: two for each of the machines that there may ever be. */
  places: 256,
  /** Worker processes of one `serve`: with their connections they stay below what the embedded database allows. */
  workers: 16,
  /** How long until another worker is tried where one does not start: longer each time, up to the second number. */
  workerPauseMilliseconds: [1_000, 8_000],
  /** A worker that was told to end and did not: past its drain something hangs, and it is killed. */
  workerEndMilliseconds: 15_000,
  /** How long a request waits for a connection, for rows locked by others and for one statement. */
  databasePatienceMilliseconds: 15_000,
  /** Payments that one transaction commits: past it a larger batch gains nothing and holds its rows longer. */
  paymentBatchSize: 64,
  /** Batches at once: while one waits for the disk, the next is judged. With more of them each is smaller, and costs as much. */
  paymentBatches: 2,
  /** Payments at once that wait for rows which others have locked; with the batches fewer than the connections. */
  paymentSingles: 8,
  /** Requests of one account that wait for each other: a wallet sends one at a time. */
  paymentsOfOneAccount: 32,
  /** Payments taken and not answered: about 10 KB each, and at most half a second's work. Beyond it: 503. */
  paymentsUnderWay: 1_000,
  /** Of these under sealing keys that nobody knows: anybody can send such, and each asks the main database. Beyond it: 503. */
  recallsUnderWay: 32,
  /** A client that takes longer to send a few kilobytes holds a socket for nothing. */
  requestMilliseconds: 10_000,
  /** How long `close` waits for requests under way. */
  drainMilliseconds: 10_000,
  /** How often a running server looks for keys that the operator rotated, and tends its key list. */
  maintenanceMilliseconds: 30_000,
  /** A process that told nothing of its PIN keys for so long has ended: four turns of its maintenance. */
  pinKeyHolderSeconds: 120,
  /** And is forgotten after so long. */
  pinKeyHolderForgottenSeconds: DAY_SECONDS,
  /** How long a rotation of the PIN key waits for all processes to learn of a key: some turns of theirs. */
  pinKeyPatienceMilliseconds: 180_000,
  pinKeyPollMilliseconds: 2_000,
  /** PINs that are sealed anew in one transaction: their devices' payments wait for some milliseconds. */
  pinKeyBatch: 100,
  /** A key list's life: a wallet that was off for a week must fetch a new one anyway. */
  keyListSeconds: 7 * DAY_SECONDS,
  /** New keys are listed this long before they are used, so that caches have seen them. */
  keyLeadSeconds: DAY_SECONDS,
  /** Life of a sealing key: bounds what its later loss can open. */
  sealingKeySeconds: 60 * DAY_SECONDS,
  /** How long after its life a sealing key still opens requests that a wallet sends again. */
  sealingDrainSeconds: 30 * DAY_SECONDS,
  /** Life of a signing key. */
  signingKeySeconds: 730 * DAY_SECONDS,
  /** A successor is made when the newest key has less than this left. */
  keyRenewalSeconds: 14 * DAY_SECONDS,
  /** The root key is pinned by wallets and merchants: it lives as long as the issuer. */
  rootKeySeconds: 36_500 * DAY_SECONDS,
  /** Life of a merchant certificate. */
  certificateSeconds: 365 * DAY_SECONDS,
  /** An activation link must be used within this time. */
  activationSeconds: 14 * DAY_SECONDS,
  /** An unknown sealing key makes the server look for new keys, but not more often than this. */
  keyReloadSeconds: 1,
  /** Digits of a telephone id and of a telephone passcode. */
  telephoneDigits: 8,
  /** Months ahead for which payments have their partitions: for so long nobody misses the chore that makes them. */
  partitionsAhead: 3,
  /**
   * Whole months for which payments stay where statements, disputes and support find them: a payer may dispute a payment
   * for 13 months (Directive (EU) 2015/2366, article 71).
   */
  paymentsStayMonths: 13,
  /** How long after a month's end its statement becomes final: no payment takes so long to be committed. */
  statementClosesSeconds: 3_600,
  /** A statement of the running month is given again for so long, when nothing moved since. */
  statementFreshSeconds: 60,
  /** And kept for so long: its parts are fetched one after the other. */
  statementKeptSeconds: 1_800,
  /** A funding reference: a bank's end-to-end id has 35 characters. */
  referenceLength: 100,
  /** What a payer wrote on a transfer: banks carry 140 characters, some several times that. */
  bankTextLength: 500,
  /** Entries of the bank that one listing shows: an evening's work for an operator. */
  bankEntriesListed: 500,
  /** A bank's statement as a file: a day of 50,000 transfers has about 50 MB. */
  bankFileBytes: 67_108_864,
  /** What a program of the operator's tells of one entry. */
  bankEntryBytes: 8_192,
  /** Proofs that the log takes up in one transaction, and that its check reads at once: four tiles. */
  logBatch: 1_024,
  /** What is told to whoever looks for a proof that the log does not have yet: some turns of the chores. */
  logPatienceSeconds: 60,
  /** Applications that wait for review: beyond it somebody floods the public endpoint. */
  pendingApplications: 1_000,
  /**
   * How long before the end of the last collection the next one begins: the patience of each of a payment's four
   * statements, and half a minute for clocks of several servers.
   */
  collectionOverlapSeconds: 90,
  /** Payments are collected in portions of so many seconds: some ten thousand in each on a busy day. */
  collectionSeconds: 30,
  /** And where there are none, in longer and longer ones. */
  collectionMostSeconds: 3_600,
  /** Batches that one process takes at once: each has a connection, which payments need as well. Beyond it: 503. */
  batchesAtOnce: 2,
  /** Batches of one merchant that wait: ten thousand refund orders are more than a shop's day. */
  batchesOfOneMerchant: 20,
  /** Batches that one listing shows. */
  batchesListed: 200,
  /** Refund orders verified in one go: some milliseconds in which the process answers nobody. */
  ordersAtOnce: 20,
  /** Payments that one transaction refunds: their accounts' own payments wait for some milliseconds. */
  refundsAtOnce: 50,
  /** How often a running server does its chores: a merchant has its batch's result after as long. */
  choresMilliseconds: 10_000,
  /** Payments that a settlement verifies at a time and assigns in one transaction: about a tenth of a second. */
  settlementBatch: 500,
  /** And prepares before the server does anything else: some milliseconds' work. */
  settlementAtOnce: 32,
  /** Payments and refunds of one merchant in one settlement: together they fill the pages that a report may have. */
  settlementPayments: 400_000,
  settlementRefunds: 99_500,
  /** Documents of each kind that an audit verifies unless told to verify all: some seconds. */
  auditSample: 5_000,
  /** Differences of one kind that an audit names; with so many somebody restores a backup. */
  auditFindings: 100,
  /** Payouts in one file for the bank: banks take some thousands. */
  payoutsInFile: 5_000,
} as const;
