/** The wallet's own bounds and times, each with its reason; the protocol's are `LIMITS`. Times in seconds. */
export const WALLET_LIMITS = {
  /** A server that has not answered by then is taken for unreachable; people wait no longer. */
  exchangeSeconds: 20,
  /** Between two pieces of a download; a connection that is silent for so long is dead. */
  goodsSilenceSeconds: 30,
  /** Months whose statements are offered: ten years. */
  statementMonths: 120,
  /** Parts of a statement that are asked for at once. */
  statementPartsAtOnce: 6,
  /** Goods are committed in runs of so many chunks (1 MiB): little to load again after a break, few commits. */
  segmentChunks: 16,
  /** Pauses between two tries: soon at first, then often enough to need no press of a button. */
  retrySeconds: [1, 2, 4, 8, 15, 30, 60, 120, 300],
  /**
   * For how long after a quote expired the shop is still asked whether somebody else has paid: a payment that was
   * requested in time may be forwarded by a computer that was switched off over night.
   */
  payerGraceSeconds: 86_400,
  /** A key list older than this is fetched anew before the next payment. */
  keyListSeconds: 86_400,
  /** An account's status younger than this is not asked again before a payment. */
  statusSeconds: 10,
  /** What came back is asked for no sooner than this after the last time: several pages may be looked at. */
  returnsSeconds: 3,
  /** Pages of movements that are read at once; what is left is read the next time. */
  returnPages: 50,
  /** Notices of money that came back which are put away at once. */
  returnNotices: 200,
  /** Money that came back is told on the home page for a month, or until it was looked at. */
  returnNoticeSeconds: 2_592_000,
  /** Purchases on one page of the history. */
  historyPage: 20,
  /** Purchases that the home page shows as recent. */
  recent: 5,
  /** Goods that came damaged so often are not loaded again unless the shopper asks. */
  damagedTries: 3,
  /** A refused page is tried again after set-up within this time. */
  refusalSeconds: 3_600,
  /** Refusals kept; they are only there to be shown once. */
  refusals: 20,
  /** Windows that a tab's pages get at once: as many as somebody opens who clicks from offer to offer. */
  tabWindows: 5,
  /** After those a tab gets one each so often: a page that changes its pointer again and again keeps no focus. */
  tabWindowSeconds: 5,
  /** Goods that are not to be kept stay for a day, to be saved as files. */
  unkeptGoodsSeconds: 86_400,
  /**
   * Offers that nobody confirmed are forgotten after a day: no quote lives longer, and the history is for
   * purchases, not for every priced page that was looked at.
   */
  unconfirmedSeconds: 86_400,
  /** A checkpoint that seems to be older than the one before is asked for again after the time that caches keep it. */
  checkpointCacheSeconds: 3,
  /** Contradicting checkpoints kept of one log: two show everything, a hundred show nothing more. */
  logContradictions: 10,
  /** Signatures remembered as verified: key lists and certificates of a few shops and operators, some kilobytes each. */
  verifiedSignatures: 16,
  /** Quotes kept as read: those of a few windows that are open at once. */
  quotesInMemory: 8,
  /** Records kept as read: those of the purchases at work, with their accounts and refunds. */
  recordsInMemory: 32,
  /** Saved addresses, which a list in a window can still show. */
  addresses: 50,
  /** A backup file's header in bytes: name and parameters of one key derivation, and room for a later version's. */
  backupHeaderBytes: 1_024,
  /** A record in a backup file: a purchase whose quote and advice have their greatest length, in base64url. */
  backupRecordBytes: 524_288,
  /** A run of goods in a backup file: one segment of the wallet's copy. */
  backupRunBytes: 1_048_576,
  /** Argon2id's memory in KiB as a backup file may ask for it: below 19 MiB it is weak (OWASP), above 256 MiB a page dies. */
  backupKdfMemoryLeast: 19_456,
  backupKdfMemoryMost: 262_144,
  /** Argon2id's passes and lanes as a file may ask for them: more than 4 passes over 256 MiB takes minutes. */
  backupKdfPasses: 4,
  backupKdfLanes: 16,
  /** Purchases, or other records, in one message between the page that reads a backup and the background. */
  backupPage: 20,
} as const;
