/**
 * What a payment costs the merchant: a share of its amount, rounded down to the smallest unit (so in the merchant's
 * favour), and a fixed part; never more than the amount. Rates count from the next settlement on.
 */
import type { TpsDeps } from "../deps.ts";
import { OperatorError } from "../errors.ts";
import { logOperation } from "../operator-log.ts";
import { one, type Queryable } from "../store/database.ts";

/** A rate. */
export interface FeeRate {
  /** Hundredths of a percent of the amount, 0 to 10,000. */
  readonly basisPoints: number;
  /** For each payment, in smallest units. */
  readonly fixed: bigint;
}

/** A rate as it is listed; `merchantId` null is the one for all who have none of their own. */
export interface FeeRateOverview extends FeeRate {
  readonly merchantId: string | null;
  readonly name: string | null;
  readonly changedAt: number | null;
}

const FREE: FeeRate = { basisPoints: 0, fixed: 0n };

/** The fee of one payment. */
export function feeOf(amount: bigint, { basisPoints, fixed }: FeeRate): bigint {
  const fee = (amount * BigInt(basisPoints)) / 10_000n + fixed;
  return fee < amount ? fee : amount;
}

/** The merchant's own rate, else the one for all, else none. */
export async function readFeeRate(database: Queryable, merchantId: string): Promise<FeeRate> {
  const row = one(
    await database.query<{ basis_points: number; fixed: bigint }>(
      `select basis_points, fixed from fee_rates where merchant_id = $1 or merchant_id is null
       order by merchant_id nulls last limit 1`,
      [merchantId],
    ),
  );
  return row === undefined ? FREE : { basisPoints: row.basis_points, fixed: row.fixed };
}

/** The rate for all, then the merchants' own by their names. */
export async function listFeeRates({
  database,
}: Pick<TpsDeps, "database">): Promise<FeeRateOverview[]> {
  const rows = await database.query<{
    merchant_id: string | null;
    name: string | null;
    basis_points: number;
    fixed: bigint;
    changed_at: bigint;
  }>(
    `select r.merchant_id, m.name, r.basis_points, r.fixed, r.changed_at
     from fee_rates r left join merchants m using (merchant_id) order by r.merchant_id is not null, m.name, 1`,
  );
  const rates = rows.map((row) => ({
    merchantId: row.merchant_id,
    name: row.name,
    basisPoints: row.basis_points,
    fixed: row.fixed,
    changedAt: Number(row.changed_at),
  }));
  const hasDefault = rates[0]?.merchantId === null;
  return hasDefault
    ? rates
    : [{ merchantId: null, name: null, ...FREE, changedAt: null }, ...rates];
}

/**
 * Sets the rate for all (`merchantId` null) or a merchant's own; `rate` null takes the merchant's own away.
 *
 * @throws {OperatorError} `setting-invalid`, `merchant-unknown`
 */
export async function setFeeRate(
  deps: TpsDeps,
  merchantId: string | null,
  rate: FeeRate | null,
): Promise<void> {
  if (rate !== null && (rate.basisPoints < 0 || rate.basisPoints > 10_000 || rate.fixed < 0n)) {
    throw new OperatorError(
      "setting-invalid",
      "A fee is 0 to 10000 basis points (hundredths of a percent) and a fixed amount that is not negative.",
    );
  }
  await deps.database.transaction(async (tx) => {
    if (merchantId !== null) await requireMerchant(tx, merchantId);
    if (rate === null) {
      await tx.query("delete from fee_rates where merchant_id is not distinct from $1", [
        merchantId,
      ]);
    } else {
      await tx.query(
        `insert into fee_rates (merchant_id, basis_points, fixed, changed_at) values ($1, $2, $3, $4)
         on conflict (merchant_id) do update set basis_points = $2, fixed = $3, changed_at = $4`,
        [merchantId, rate.basisPoints, rate.fixed, deps.platform.nowSeconds()],
      );
    }
    const details: Record<string, string | number> =
      rate === null ? {} : { basisPoints: rate.basisPoints, fixed: rate.fixed.toString() };
    await logOperation(deps, tx, "fees set", merchantId ?? "default", details);
  });
}

/** @throws {OperatorError} `merchant-unknown` */
export async function requireMerchant(database: Queryable, merchantId: string): Promise<void> {
  const found = await database.query("select 1 from merchants where merchant_id = $1", [
    merchantId,
  ]);
  if (found.length > 0) return;
  throw new OperatorError(
    "merchant-unknown",
    `There is no merchant ${merchantId}. "merchant list" shows them.`,
  );
}
