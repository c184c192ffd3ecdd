/** Every bound of the protocol, each with its reason. Sizes in bytes unless said otherwise. */
export const LIMITS = {
  /** A quote with its certificate and 100 lines of Latin text stays below this; more is no invoice. */
  quoteBytes: 65_536,
  /** Lines a shopper can still read through. */
  quoteLines: 100,
  /** A line's text: two lines on a telephone's screen. */
  lineTextLength: 200,
  /** A shop's name: fits a window's heading without being cut. */
  nameLength: 80,
  /** Times of one line; beyond it a merchant uses another unit. */
  quantity: 1_000_000,
  /** Largest amount: PostgreSQL's bigint, the ledger's type. */
  amount: 9_223_372_036_854_775_807n,
  /** Decimals of the smallest unit: 0.0005 needs 4; more than 8 leaves too few digits before the point. */
  scale: 8,
  /** Web origins that one certificate names: a shop, its languages and its test site. */
  certificateOrigins: 20,
  /** A URL longer than this is refused by servers and proxies anyway. */
  urlLength: 2_048,
  /** A signed document (JWS) other than the key list: a certificate with 20 origins. */
  jwsBytes: 16_384,
  /** A key list with a decade of retired keys. */
  keyListBytes: 65_536,
  /** Keys of one kind in a key list. */
  keys: 100,
  /** TPS issuers that one quote accepts. */
  issuers: 10,
  /** A sealed message: the largest is a session initiation with a long address. */
  sealedMessageBytes: 16_384,
  /** The sealed part of any message before padding: the padding's length field has two bytes. */
  sealedPartBytes: 8_190,
  /** Any reply of the TPS or the MTS that is not goods: a payment response and headroom. */
  replyBytes: 65_536,
  /** What a shipping advice says: in base64url it stays a reply with its frame. */
  adviceBytes: 48_000,
  /** Send goods: three identifiers, two numbers and a MAC. */
  sendGoodsBytes: 2_048,
  /** What a problem tells a person to do. */
  problemDetailLength: 1_000,
  /** Digital things delivered for one transaction. */
  goodsItems: 50,
  /** Plaintext of one goods chunk: small enough to hold many, large enough that tags cost nothing. */
  goodsChunkBytes: 65_536,
  /** Largest digital thing: 2^32 chunks would overflow the counter long after this (1 TiB). */
  goodsBytes: 1_099_511_627_776,
  /** Goods handed into a page (an article with its pictures), which live in memory there. */
  pageGoodsBytes: 8_388_608,
  /** Digits of a PIN: 6 to resist 5 guesses, 12 that a person can still write down. */
  pinDigitsLeast: 6,
  pinDigitsMost: 12,
  /** Wrong PINs in a row before the PIN is locked. */
  pinAttempts: 5,
  /** Devices that the TPS tells of one account: with the longest names they still fit into a sealed part. */
  devicesTold: 20,
  /** Devices and open invitations of one account that wait for a PIN: a household's, not a flood. */
  devicesAwaiting: 5,
  /** Invitations in backups that one account keeps: one for each wallet that it ever had, and some. */
  recoveryInvitations: 20,
  /** Devices that join one account by invitations within a day: no household has more; a flood has. */
  invitedDevicesInADay: 20,
  /** An invitation made in a wallet, in seconds: a day to walk over to the other computer. */
  invitationSeconds: 86_400,
  /** Movements in one reply: with the longest references they still fit into a sealed part. */
  movementsTold: 16,
  /** What the operator called a payment into an account; a bank's end-to-end id has 35 characters. */
  fundingReferenceLength: 100,
  /** Purpose and payee of a transfer, as SEPA bounds them. */
  fundingTextLength: 70,
  /** Movements on one sheet of a statement: one is verified in one go. */
  statementSheetMovements: 500,
  /** A sheet with the longest names and references. */
  statementSheetBytes: 655_360,
  /** Sheets of one statement: 50,000 movements in a month. */
  statementSheets: 100,
  /** What of a statement fits into one sealed reply. */
  statementPartBytes: 8_000,
  /** Parts of one statement: the sheets, when all of them are that large. */
  statementParts: 8_192,
  /** Settlements in one merchant's statement: a year of days, and some. */
  merchantStatementCycles: 400,
  /** A merchant's statement of so many settlements, in base64url. */
  merchantStatementBytes: 393_216,
  /** The answer that brings it. */
  merchantStatementAnswerBytes: 393_728,
  /** Minutes that clocks of wallet, MTS and TPS may differ, in seconds. */
  clockSkewSeconds: 300,
  /** A certificate, in seconds: a year and a month to renew it; a stolen signing key makes none for ever. */
  certificateLifeSeconds: 34_560_000,
  /** A quote is a short offer: a day at most, in seconds. */
  quoteLifeSeconds: 86_400,
  /** Signature lines of a checkpoint: the log's own, and more witnesses than the 16 that readers must take. */
  checkpointSignatures: 32,
  /** A checkpoint with its signatures: post-quantum ones of witnesses have 5 kB each. */
  checkpointBytes: 262_144,
  /** A notarization: checkpoint, key list, two documents, a path; the documents twice in base64. */
  notarizationBytes: 524_288,
  /** The longest that a log says to wait until it takes up new proofs: a day, in seconds. */
  logWaitSeconds: 86_400,
  /** Lines of an address as postal services print them. */
  addressLineLength: 120,
  /** Entries on one page of a settlement report: a page stays below a quarter of a megabyte. */
  reportPageEntries: 500,
  reportPageBytes: 163_840,
  /** Pages of one report: half a million entries of one merchant; what is more waits for the next cycle. */
  reportPages: 1_000,
  /** A settlement report that names all of these pages. */
  reportBytes: 131_072,
  /** Settlement reports in one answer, and such an answer when all of them are that large. */
  reportsTold: 20,
  reportsAnswerBytes: 2_637_824,
  /** Refund orders of one batch: beyond it a merchant sends several. */
  batchOrders: 500,
  /** A batch with that many orders, whose issuer has a usual address. */
  batchBytes: 1_048_576,
  /** The result of a batch with that many orders. */
  batchResultBytes: 131_072,
  /** Anything the MTS says about delivery. */
  deliveryTextLength: 500,
  /** What shopper and merchant write to each other about a refund: a few sentences. */
  refundTextLength: 500,
} as const;
