/** What the background answers about statements and paying in. Amounts are wire strings in smallest units, times seconds. */

/** The months that there are statements of, the newest (which still runs) first: `2026-11`. */
export interface StatementMonthsView {
  readonly months: readonly string[];
}

/** One line of a statement. */
export interface StatementLineView {
  readonly kind: "payment" | "refund" | "funding";
  readonly at: number;
  /** Negative: it went out. */
  readonly amount: string;
  readonly balance: string;
  /** The shop as the operator knows it; for money that was paid in its reference. */
  readonly name: string;
  /** The wallet's own purchase that it belongs to; null where this wallet knows of none. */
  readonly purchase: {
    readonly purchaseId: string;
    /** What was bought, line by line. */
    readonly items: readonly string[];
  } | null;
  /** As the protocol has it; empty for money that was paid in. */
  readonly transactionNumber: string;
  readonly paymentId: string;
}

export interface StatementTotalView {
  readonly count: number;
  readonly amount: string;
}

/** A verified statement, compared with what this wallet knows. */
export interface StatementView {
  readonly month: string;
  /** The month is over, and this is its one statement. */
  readonly complete: boolean;
  readonly madeAt: number;
  readonly statementId: string;
  readonly operator: string;
  readonly issuer: string;
  readonly accountId: string;
  readonly currency: string;
  readonly scale: number;
  readonly opening: string;
  readonly closing: string;
  readonly payments: StatementTotalView;
  readonly refunds: StatementTotalView;
  readonly fundings: StatementTotalView;
  readonly lines: readonly StatementLineView[];
  /** Payments that another wallet of this account made, as far as this wallet can tell. */
  readonly elsewhere: StatementTotalView;
  /** Payments that this wallet has a proof of, and that the statement does not list as they were. */
  readonly missing: readonly {
    readonly purchaseId: string;
    readonly shopName: string;
    readonly amount: string;
    readonly at: number;
  }[];
  /** The signed statement (JWS, one sheet a line), to be saved. */
  readonly document: string;
}

/** How money is paid in by bank transfer. */
export interface FundingView {
  readonly reference: string;
  readonly holder: string;
  readonly iban: string;
  readonly bic: string | null;
  readonly text: string | null;
}
