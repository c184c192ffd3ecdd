/** Settlements as the operator reads them. */
import type { TpsDeps } from "../deps.ts";
import { OperatorError } from "../errors.ts";
import { one } from "../store/database.ts";
import type { Settlement } from "./settle.ts";

/** A cycle with the sums of its reports. Times in seconds, amounts in smallest units. */
export interface SettlementOverview extends Settlement {
  readonly finishedAt: number | null;
  readonly merchants: number;
  readonly payments: bigint;
  readonly refunds: bigint;
  readonly fees: bigint;
  readonly held: bigint;
  readonly payouts: bigint;
}

/** What one merchant's report says, without its entries. */
export interface MerchantSettlement {
  readonly merchantId: string;
  readonly merchant: string;
  readonly opening: bigint;
  readonly paymentsCount: number;
  readonly payments: bigint;
  readonly fees: bigint;
  readonly refunds: bigint;
  readonly held: bigint;
  readonly returned: bigint;
  readonly payout: bigint;
  readonly closing: bigint;
}

/** The most that one list shows. */
const MOST_SETTLEMENTS = 100;

/** The latest cycles, the newest first; 100 at most. */
export async function listSettlements({
  database,
}: Pick<TpsDeps, "database">): Promise<SettlementOverview[]> {
  const rows = await database.query<{
    cycle: bigint;
    from_at: bigint;
    until_at: bigint;
    state: Settlement["state"];
    started_at: bigint;
    finished_at: bigint | null;
    merchants: bigint;
    payments: bigint;
    refunds: bigint;
    fees: bigint;
    held: bigint;
    payouts: bigint;
  }>(
    `select s.cycle, s.from_at, s.until_at, s.state, s.started_at, s.finished_at, count(r.*) as merchants,
            coalesce(sum(r.payments), 0)::bigint as payments, coalesce(sum(r.refunds), 0)::bigint as refunds,
            coalesce(sum(r.fees), 0)::bigint as fees, coalesce(sum(r.held), 0)::bigint as held,
            coalesce(sum(r.payout), 0)::bigint as payouts
     from settlements s left join settlement_reports r using (cycle)
     group by s.cycle order by s.cycle desc limit ${MOST_SETTLEMENTS}`,
  );
  return rows.map((row) => ({
    cycle: Number(row.cycle),
    from: Number(row.from_at),
    until: Number(row.until_at),
    state: row.state,
    startedAt: Number(row.started_at),
    finishedAt: row.finished_at === null ? null : Number(row.finished_at),
    merchants: Number(row.merchants),
    payments: row.payments,
    refunds: row.refunds,
    fees: row.fees,
    held: row.held,
    payouts: row.payouts,
  }));
}

/**
 * What each merchant was told of a cycle, by their names.
 *
 * @throws {OperatorError} `report-unknown`
 */
export async function showSettlement(
  { database }: Pick<TpsDeps, "database">,
  cycle: number,
): Promise<MerchantSettlement[]> {
  const known = await database.query("select 1 from settlements where cycle = $1", [cycle]);
  if (known.length === 0) {
    throw new OperatorError(
      "report-unknown",
      `There is no settlement ${cycle}. See: chit-tps settlement list`,
    );
  }
  const rows = await database.query<{
    merchant_id: string;
    name: string;
    opening: bigint;
    payments_count: bigint;
    payments: bigint;
    fees: bigint;
    refunds: bigint;
    held: bigint;
    returned: bigint;
    payout: bigint;
    closing: bigint;
  }>(
    `select r.merchant_id, m.name, r.opening, r.payments_count, r.payments, r.fees, r.refunds, r.held, r.returned,
            r.payout, r.closing
     from settlement_reports r join merchants m using (merchant_id) where r.cycle = $1 order by m.name, r.merchant_id`,
    [cycle],
  );
  return rows.map(({ merchant_id, name, payments_count, ...amounts }) => ({
    merchantId: merchant_id,
    merchant: name,
    paymentsCount: Number(payments_count),
    ...amounts,
  }));
}

/** A report as the merchant gets it, for one who cannot fetch it. */
export interface ReportCopy {
  readonly document: string;
  /** The exact text of each page. */
  readonly pages: readonly string[];
}

/**
 * One merchant's report of a cycle, with its pages.
 *
 * @throws {OperatorError} `report-unknown`
 */
export async function copyReport(
  { database }: Pick<TpsDeps, "database">,
  cycle: number,
  merchantId: string,
): Promise<ReportCopy> {
  const report = one(
    await database.query<{ document: string }>(
      "select document from settlement_reports where merchant_id = $1 and cycle = $2",
      [merchantId, cycle],
    ),
  );
  if (report === undefined) {
    throw new OperatorError(
      "report-unknown",
      `The merchant ${merchantId} has no report of settlement ${cycle}. See: chit-tps settlement show ${cycle}`,
    );
  }
  const pages = await database.query<{ content: string }>(
    "select content from settlement_report_pages where merchant_id = $1 and cycle = $2 order by page",
    [merchantId, cycle],
  );
  return { document: report.document, pages: pages.map(({ content }) => content) };
}
