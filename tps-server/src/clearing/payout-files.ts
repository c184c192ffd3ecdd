/** Files for the bank: each payout goes into one of them, and the bank's answer is written down. */
import { spreadsheetText } from "@chit/protocol";
import { stringify } from "csv-stringify/sync";
import type { TpsDeps } from "../deps.ts";
import { OperatorError } from "../errors.ts";
import { readBankAccount } from "../funding/bank-account.ts";
import { readIssuer } from "../issuer/read-issuer.ts";
import { LIMITS } from "../limits.ts";
import { logOperation } from "../operator-log.ts";
import { one, type Queryable } from "../store/database.ts";
import { bankAmount, type CreditTransfer, toPain001 } from "./pain001.ts";

/** A payout and how far it is. Times in seconds. */
export interface PayoutOverview {
  readonly payoutId: string;
  readonly merchantId: string;
  readonly merchant: string;
  readonly cycle: number;
  readonly amount: bigint;
  readonly name: string;
  readonly iban: string;
  readonly bic: string | null;
  readonly state: "open" | "in-file" | "done" | "failed";
  readonly fileId: string | null;
  readonly createdAt: number;
  readonly reason: string | null;
}

interface Row {
  payout_id: string;
  merchant_id: string;
  merchant: string;
  cycle: bigint;
  amount: bigint;
  name: string;
  iban: string;
  bic: string | null;
  state: PayoutOverview["state"];
  file_id: string | null;
  created_at: bigint;
  reason: string | null;
}

const COLUMNS = `p.payout_id, p.merchant_id, m.name as merchant, p.cycle, p.amount, p.name, p.iban, p.bic, p.state, p.file_id,
  p.created_at, p.reason`;

/** The most that one list shows. */
const MOST_PAYOUTS = 500;

/** Payouts that are not done yet, or all; the newest first, 500 at most. */
export async function listPayouts(
  { database }: Pick<TpsDeps, "database">,
  which: "waiting" | "all",
): Promise<PayoutOverview[]> {
  const rows = await database.query<Row>(
    `select ${COLUMNS} from payouts p join merchants m using (merchant_id)
     where $1 or p.state in ('open', 'in-file')
     order by p.created_at desc, p.cycle desc, p.payout_id limit ${MOST_PAYOUTS}`,
    [which === "all"],
  );
  return rows.map(toOverview);
}

function toOverview(row: Row): PayoutOverview {
  return {
    payoutId: row.payout_id,
    merchantId: row.merchant_id,
    merchant: row.merchant,
    cycle: Number(row.cycle),
    amount: row.amount,
    name: row.name,
    iban: row.iban,
    bic: row.bic,
    state: row.state,
    fileId: row.file_id,
    createdAt: Number(row.created_at),
    reason: row.reason,
  };
}

/** A file as it was made: the same bytes whenever it is asked for. */
export interface PayoutFile {
  readonly fileId: string;
  /** Seconds. */
  readonly madeAt: number;
  readonly payouts: number;
  readonly total: bigint;
  /** ISO 20022 pain.001.001.09. */
  readonly xml: string;
  readonly csv: string;
}

/**
 * Puts all open payouts into a new file, 5,000 at most.
 *
 * @returns undefined when none is open
 * @throws {OperatorError} `setting-invalid` without a bank account of the operator's own to pay from
 */
export async function makePayoutFile(deps: TpsDeps): Promise<PayoutFile | undefined> {
  const debtor = await readBankAccount(deps);
  if (debtor === null) {
    throw new OperatorError(
      "setting-invalid",
      'Say first which bank account pays: chit-tps funding bank --holder "…" --iban …',
    );
  }
  const fileId = await deps.database.transaction(async (tx) => {
    const open = await tx.query<Row>(
      `select ${COLUMNS} from payouts p join merchants m using (merchant_id)
       where p.state = 'open' order by p.created_at, p.payout_id limit ${LIMITS.payoutsInFile} for update of p`,
    );
    if (open.length === 0) return undefined;
    const { currency, scale } = await readIssuer(tx);
    const now = deps.platform.nowSeconds();
    const id = `CHIT-${Buffer.from(deps.platform.randomBytes(8)).toString("hex").toUpperCase()}`;
    const transfers = open.map((row) => ({ ...toOverview(row), text: remittance(row) }));
    const xml = toPain001({ fileId: id, madeAt: now, debtor, currency, scale, transfers });
    await tx.query(
      "insert into payout_files (file_id, made_at, made_by, xml, csv) values ($1, $2, $3, $4, $5)",
      [id, now, deps.operatorName, xml, toCsv(transfers, currency, scale)],
    );
    await tx.query(
      "update payouts set state = 'in-file', file_id = $1 where payout_id = any($2::text[])",
      [id, open.map((row) => row.payout_id)],
    );
    await logOperation(deps, tx, "payout file", id, { payouts: open.length });
    return id;
  });
  return fileId === undefined ? undefined : readPayoutFile(deps, fileId);
}

/**
 * A file that was made before.
 *
 * @throws {OperatorError} `payout-unknown`
 */
export async function readPayoutFile(
  { database }: Pick<TpsDeps, "database">,
  fileId: string,
): Promise<PayoutFile> {
  const row = one(
    await database.query<{
      made_at: bigint;
      xml: string;
      csv: string;
      payouts: bigint;
      total: bigint;
    }>(
      `select f.made_at, f.xml, f.csv, count(p.*) as payouts, coalesce(sum(p.amount), 0)::bigint as total
       from payout_files f left join payouts p using (file_id) where f.file_id = $1 group by f.file_id`,
      [fileId],
    ),
  );
  if (row === undefined) throw unknownPayout(fileId);
  const { made_at: madeAt, payouts, total, xml, csv } = row;
  return { fileId, madeAt: Number(madeAt), payouts: Number(payouts), total, xml, csv };
}

/** What the merchant reads on its bank statement; banks allow 140 characters. */
function remittance({ payout_id: payoutId, cycle }: Row): string {
  return `Chit settlement ${cycle} payout ${payoutId}`;
}

function toCsv(
  transfers: readonly (PayoutOverview & CreditTransfer)[],
  currency: string,
  scale: number,
): string {
  const columns = ["payout", "merchant", "name", "iban", "bic", "amount", "currency", "text"];
  const rows = transfers.map((transfer) => [
    transfer.payoutId,
    transfer.merchantId,
    transfer.name,
    transfer.iban,
    transfer.bic ?? "",
    bankAmount(transfer.amount, scale),
    currency,
    transfer.text,
  ]);
  // Names come from outside: a spreadsheet must not take one for a formula.
  return stringify([columns, ...rows], {
    escape_formulas: true,
    cast: { string: spreadsheetText },
  });
}

/**
 * The bank has executed it: one payout, or all of a file that are still with the bank. Again it changes nothing.
 *
 * @returns how many are done now
 * @throws {OperatorError} `payout-unknown`; `already-done` when it failed; `setting-invalid` when it is in no file yet
 */
export async function settlePayouts(deps: TpsDeps, id: string): Promise<number> {
  return deps.database.transaction(async (tx) => {
    const found = await lockPayouts(tx, id);
    const single = found.length === 1 ? found[0] : undefined;
    if (single?.payout_id === id) refuseUnless(single, ["in-file", "done"]);
    const rows = await tx.query(
      `update payouts set state = 'done', decided_at = $2
       where (payout_id = $1 or file_id = $1) and state = 'in-file' returning 1 as done`,
      [id, deps.platform.nowSeconds()],
    );
    await logOperation(deps, tx, "payout done", id, { payouts: rows.length });
    return rows.length;
  });
}

/**
 * The bank did not execute it: it goes back to the merchant's balance, and into a later payout. Again it changes nothing.
 *
 * @param reason what the bank said
 * @returns whether the balance was changed now
 * @throws {OperatorError} `payout-unknown`; `setting-invalid` when it is in no file yet
 */
export async function failPayout(
  deps: TpsDeps,
  payoutId: string,
  reason: string,
): Promise<boolean> {
  return deps.database.transaction(async (tx) => {
    const [payout] = (await lockPayouts(tx, payoutId)).filter((row) => row.payout_id === payoutId);
    if (payout === undefined) throw unknownPayout(payoutId);
    // A bank may send money back days after it took it.
    refuseUnless(payout, ["in-file", "done", "failed"]);
    if (payout.state === "failed") return false;
    await tx.query("update merchant_accounts set balance = balance + $2 where merchant_id = $1", [
      payout.merchant_id,
      payout.amount,
    ]);
    await tx.query(
      "update payouts set state = 'failed', decided_at = $2, reason = $3 where payout_id = $1",
      [payoutId, deps.platform.nowSeconds(), reason],
    );
    await logOperation(deps, tx, "payout failed", payoutId, { reason });
    return true;
  });
}

/** Merchants' accounts before payouts, as settlements lock them. */
async function lockPayouts(tx: Queryable, id: string): Promise<Row[]> {
  await tx.query(
    `select 1 from merchant_accounts
     where merchant_id in (select merchant_id from payouts where payout_id = $1 or file_id = $1)
     order by merchant_id for update`,
    [id],
  );
  const rows = await tx.query<Row>(
    `select ${COLUMNS} from payouts p join merchants m using (merchant_id)
     where p.payout_id = $1 or p.file_id = $1 order by p.payout_id for update of p`,
    [id],
  );
  if (rows.length === 0) throw unknownPayout(id);
  return rows;
}

function refuseUnless(payout: Row, allowed: readonly Row["state"][]): void {
  if (allowed.includes(payout.state)) return;
  if (payout.state === "open") {
    throw new OperatorError(
      "setting-invalid",
      `The payout ${payout.payout_id} is in no file yet, so no bank knows it. Make one: chit-tps payout file`,
    );
  }
  throw new OperatorError(
    "already-done",
    `The payout ${payout.payout_id} failed, and is the merchant's again.`,
  );
}

function unknownPayout(id: string): OperatorError {
  return new OperatorError(
    "payout-unknown",
    `There is no payout or file ${id}. See: chit-tps payout list --all`,
  );
}
