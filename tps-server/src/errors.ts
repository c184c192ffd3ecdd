/** Everything that can go wrong between the operator and this server, with stable codes. */
export type OperatorErrorCode =
  /** `init` has not run yet, or has run already with other settings. */
  | "not-initialised"
  | "already-initialised"
  /** A value on the command line, in the environment or in a file that cannot be used. */
  | "setting-invalid"
  /** No account, merchant, application, case, alarm or key of that name. */
  | "account-unknown"
  | "merchant-unknown"
  | "application-unknown"
  | "case-unknown"
  | "entry-unknown"
  | "alarm-unknown"
  | "batch-unknown"
  /** A merchant application that does not verify. */
  | "application-invalid"
  /** A bank's file that cannot be read. */
  | "file-unreadable"
  /** The same funding reference with another amount. */
  | "reference-conflict"
  /** The balance would exceed what the ledger can hold. */
  | "balance-too-large"
  /** Another process settles just now. */
  | "settlement-under-way"
  /** Payments that are not done with, or too young, to be detached; or another process detaches just now. */
  | "payments-needed"
  | "detach-under-way"
  /** Accounts that are not what the records make them. */
  | "books-differ"
  /** No such payment held back, payout, payout file or report. */
  | "held-payment-unknown"
  | "payout-unknown"
  | "report-unknown"
  /** A payment whose records differ, which nobody may decide about before they are repaired. */
  | "record-damaged"
  /** Something that was done already and cannot be done again. */
  | "already-done"
  /** A key outside of the database is missing or not the one that sealed the stored values. */
  | "outside-key-missing"
  /** Running processes have not learned of a new PIN key. */
  | "processes-behind"
  /** Stored PINs are sealed under a key that was to be dropped. */
  | "pin-key-in-use"
  /** Stored PINs that do not open though their key is there. */
  | "pin-damaged"
  /** The log of payments is not what was signed, or not what the payments give. */
  | "log-damaged"
  /** The database does not start, stop or answer. */
  | "database-unavailable"
  /** The server cannot listen where it was told to. */
  | "address-unavailable"
  /** A worker process of the server does not start. */
  | "worker-failed"
  /** A command with unknown, missing or misshapen arguments. */
  | "usage-invalid"
  /** A migration that is already applied was changed on disk. */
  | "migration-changed";

/** An error to show to the operator. `code` is stable; `message` says what was wrong and what to do. */
export class OperatorError extends Error {
  override readonly name = "OperatorError";
  readonly code: OperatorErrorCode;

  constructor(code: OperatorErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
