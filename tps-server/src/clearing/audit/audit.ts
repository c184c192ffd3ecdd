/**
 * The audit: every balance computed again from the records, records against each other and against what was signed. In one
 * snapshot of the database, so that payments may go on; it changes nothing.
 */
import { formatDecimal, verifyKeyList } from "@chit/protocol";
import type { TpsDeps } from "../../deps.ts";
import { loadKeyRing } from "../../keys/key-ring.ts";
import { one, type Queryable } from "../../store/database.ts";
import {
  checkBalances,
  checkBankEntries,
  checkChains,
  checkDenials,
  checkSequences,
} from "./accounts.ts";
import { checkCarried } from "./carried.ts";
import type { AuditContext, Check, CheckResult } from "./check.ts";
import {
  checkOrderDocuments,
  checkReportDocuments,
  checkSignatures,
  checkVerdicts,
} from "./documents.ts";
import {
  checkCopies,
  checkMerchantAccounts,
  checkOrders,
  checkRefundReasons,
  checkRefundShares,
  checkRefundSums,
} from "./merchants.ts";
import { checkPayoutFiles } from "./payouts.ts";
import { checkHeld, checkReportChains, checkReportSums } from "./settlements.ts";

const CHECKS: readonly Check[] = [
  checkBalances,
  checkChains,
  checkDenials,
  checkSequences,
  checkBankEntries,
  checkCopies,
  checkCarried,
  checkMerchantAccounts,
  checkRefundSums,
  checkRefundReasons,
  checkRefundShares,
  checkOrders,
  checkReportSums,
  checkReportChains,
  checkHeld,
  checkPayoutFiles,
  checkVerdicts,
  checkSignatures,
  checkOrderDocuments,
  checkReportDocuments,
];

/** Where all the money is, and where it came from: both sides are the same. Smallest units. */
export interface Figures {
  /** Customers' balances. */
  readonly accounts: bigint;
  /** Merchants' balances; a merchant in debit counts against the others. */
  readonly merchants: bigint;
  /** Paid and not settled. */
  readonly inTransit: bigint;
  /** The operator's. */
  readonly fees: bigint;
  readonly funded: bigint;
  /** Payouts that did not fail. */
  readonly paidOut: bigint;
}

/** What an audit found. */
export interface Audit {
  /** Seconds. */
  readonly at: number;
  /** Whether all documents and signatures were verified, or the newest. */
  readonly all: boolean;
  readonly figures: Figures;
  /** What the figures do not explain: 0 when the books balance. */
  readonly difference: bigint;
  readonly checks: readonly CheckResult[];
  readonly isSound: boolean;
}

/**
 * Audits.
 *
 * @param all verifies every document and signature, not the newest alone
 * @param onCheck hears of each check that is done
 */
export async function audit(
  deps: TpsDeps,
  {
    all = false,
    onCheck = () => undefined,
  }: {
    readonly all?: boolean;
    readonly onCheck?: (check: CheckResult) => void;
  } = {},
): Promise<Audit> {
  const ring = await loadKeyRing(deps);
  const { issuer, rootKey, keyList } = ring;
  const at = deps.platform.nowSeconds();
  const list = verifyKeyList(deps.crypto, rootKey, keyList.document, at);
  const money = (amount: bigint) => `${formatDecimal(amount, issuer.scale)} ${issuer.currency}`;
  return deps.database.transaction(async (tx) => {
    await tx.query("set transaction isolation level repeatable read, read only");
    await tx.query("set local statement_timeout = 0");
    // Before the snapshot is taken: a month that is detached meanwhile is in it, or carried.
    await tx.query("lock table payments in access share mode");
    const context: AuditContext = { tx, crypto: deps.crypto, issuer, list, all, money };
    const checks: CheckResult[] = [];
    for (const check of CHECKS) {
      const done = await check(context);
      onCheck(done);
      checks.push(done);
    }
    const figures = await readFigures(tx);
    const { accounts, merchants, inTransit, fees, funded, paidOut } = figures;
    const difference = accounts + merchants + inTransit + fees - (funded - paidOut);
    const isSound = difference === 0n && checks.every(({ findings }) => findings.length === 0);
    return { at, all, figures, difference, checks, isSound };
  });
}

async function readFigures(tx: Queryable): Promise<Figures> {
  const row = one(
    await tx.query<Record<keyof Figures, string>>(
      `select (select coalesce(sum(balance), 0) from accounts)::text as accounts,
              (select coalesce(sum(balance), 0) from merchant_accounts)::text as merchants,
              (select coalesce(sum(p.amount), 0) from kept_payments p
               where p.verdict = 'proof' and not exists (
                 select 1 from merchant_payments mp
                 where mp.merchant_id = p.merchant_id and mp.payment_id = p.payment_id and mp.state = 'settled'
               ))::text as "inTransit",
              (select coalesce(sum(fee), 0) from merchant_payments where state = 'settled')::text as fees,
              (select coalesce(sum(amount), 0) from fundings)::text as funded,
              (select coalesce(sum(amount), 0) from payouts where state <> 'failed')::text as "paidOut"`,
    ),
  );
  const figure = (name: keyof Figures) => BigInt(row?.[name] ?? 0);
  return {
    accounts: figure("accounts"),
    merchants: figure("merchants"),
    inTransit: figure("inTransit"),
    fees: figure("fees"),
    funded: figure("funded"),
    paidOut: figure("paidOut"),
  };
}
