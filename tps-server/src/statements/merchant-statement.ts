/** Signed statements of merchants: put together from the signed settlement reports, and nothing else. */
import {
  createMerchantStatement,
  decodeSettlementReport,
  LIMITS,
  type MerchantStatementInput,
  type SettlementReport,
  type StatementCycle,
  totalsOf,
} from "@chit/protocol";
import type { TpsDeps } from "../deps.ts";
import { OperatorError } from "../errors.ts";
import { newIdentifier } from "../identifiers.ts";
import type { KeyRing } from "../keys/key-ring.ts";
import { one, type Queryable } from "../store/database.ts";

/** From when until before when, in seconds. */
export interface Span {
  readonly from: number;
  readonly until: number;
}

/**
 * The statement (JWS) of a merchant over the settlements that ended in a span.
 *
 * @throws {OperatorError} `merchant-unknown`; `setting-invalid` where more settlements ended in it than a statement holds
 */
export async function merchantStatement(
  deps: Pick<TpsDeps, "database" | "platform">,
  ring: KeyRing,
  merchantId: string,
  { from, until }: Span,
): Promise<string> {
  const merchant = one(
    await deps.database.query<{ name: string }>(
      "select name from merchants where merchant_id = $1",
      [merchantId],
    ),
  );
  if (merchant === undefined) {
    throw new OperatorError("merchant-unknown", `There is no merchant ${merchantId}.`);
  }
  const reports = await reportsOf(deps.database, merchantId, { from, until });
  const opening = reports[0]?.opening ?? (await owedBefore(deps.database, merchantId, from));
  const totals = totalsOf(reports.map(toCycle));
  const now = deps.platform.nowSeconds();
  return createMerchantStatement(ring.signer(now), {
    v: 1,
    iss: ring.issuer.origin,
    jti: newIdentifier(deps.platform),
    iat: now,
    merchantId,
    name: merchant.name,
    from,
    until,
    currency: ring.issuer.currency,
    scale: ring.issuer.scale,
    opening: opening.toString(),
    payments: toWire(totals.payments),
    refunds: toWire(totals.refunds),
    fees: totals.fees.toString(),
    heldBack: toWire(totals.heldBack),
    returned: toWire(totals.returned),
    payouts: toWire(totals.payouts),
    closing: (reports.at(-1)?.closing ?? opening).toString(),
    cycles: reports.map(toCycle).map(cycleToWire),
  });
}

async function reportsOf(
  database: Queryable,
  merchantId: string,
  { from, until }: Span,
): Promise<SettlementReport[]> {
  const most = LIMITS.merchantStatementCycles;
  const rows = await database.query<{ document: string }>(
    `select r.document from settlement_reports r join settlements s using (cycle)
     where r.merchant_id = $1 and s.until_at >= $2 and s.until_at < $3 order by cycle limit $4`,
    [merchantId, from, until, most + 1],
  );
  if (rows.length > most) {
    throw new OperatorError(
      "setting-invalid",
      `More than ${most} settlements ended in this time. Ask for a shorter one.`,
    );
  }
  return rows.map(({ document }) => decodeSettlementReport(document));
}

/** What the last settlement before left; nothing before the first. */
async function owedBefore(database: Queryable, merchantId: string, from: number): Promise<bigint> {
  const row = one(
    await database.query<{ closing: bigint }>(
      `select r.closing from settlement_reports r join settlements s using (cycle)
       where r.merchant_id = $1 and s.until_at < $2 order by cycle desc limit 1`,
      [merchantId, from],
    ),
  );
  return row?.closing ?? 0n;
}

function toCycle(report: SettlementReport): StatementCycle {
  const { cycle, from, until, opening, payments, refunds, fees, heldBack, returned } = report;
  const { payout, closing } = report;
  return {
    ...{ cycle, reportId: report.jti, from, until, opening, payments, refunds, fees, heldBack },
    ...{ returned, payout, closing },
  };
}

const toWire = ({ count, amount }: { count: number; amount: bigint }) => ({
  count,
  amount: amount.toString(),
});

function cycleToWire(cycle: StatementCycle): MerchantStatementInput["cycles"][number] {
  const { payout } = cycle;
  return {
    ...cycle,
    opening: cycle.opening.toString(),
    payments: toWire(cycle.payments),
    refunds: toWire(cycle.refunds),
    fees: cycle.fees.toString(),
    heldBack: toWire(cycle.heldBack),
    returned: toWire(cycle.returned),
    payout: payout && { ...payout, amount: payout.amount.toString() },
    closing: cycle.closing.toString(),
  };
}
