/** Payouts: what merchants are paid, where to, and what the bank made of it. */
import { displayText, message, parseValue } from "@chit/protocol";
import * as v from "valibot";
import type { TpsDeps } from "../deps.ts";
import { OperatorError } from "../errors.ts";
import { bic, iban } from "../funding/bank-account.ts";
import { readIssuer } from "../issuer/read-issuer.ts";
import { logOperation } from "../operator-log.ts";
import { one, type Queryable } from "../store/database.ts";
import { requireMerchant } from "./fees.ts";

/** Banks know cents, whatever the smallest unit here is. */
const BANK_DECIMALS = 2;

/** The smallest amount that a bank transfers, in smallest units. */
function bankUnit(scale: number): bigint {
  return 10n ** BigInt(Math.max(scale - BANK_DECIMALS, 0));
}

const payoutAccountSchema = message({
  /** In whose name the bank account is. */
  name: displayText(70),
  iban,
  bic: v.nullable(bic),
});

/** A merchant's bank account. */
export type PayoutAccount = v.InferOutput<typeof payoutAccountSchema>;

/**
 * Sets where a merchant's money goes, from the next settlement on.
 *
 * @throws {OperatorError} `setting-invalid`, `merchant-unknown`
 */
export async function setPayoutAccount(
  deps: TpsDeps,
  merchantId: string,
  settings: PayoutAccount,
): Promise<PayoutAccount> {
  let account: PayoutAccount;
  try {
    account = parseValue(payoutAccountSchema, settings);
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause);
    throw new OperatorError("setting-invalid", problem, { cause });
  }
  await deps.database.transaction(async (tx) => {
    await requireMerchant(tx, merchantId);
    await tx.query(
      `insert into payout_accounts (merchant_id, name, iban, bic, changed_at) values ($1, $2, $3, $4, $5)
       on conflict (merchant_id) do update set name = $2, iban = $3, bic = $4, changed_at = $5`,
      [merchantId, account.name, account.iban, account.bic, deps.platform.nowSeconds()],
    );
    await logOperation(deps, tx, "merchant payout-account", merchantId, { iban: account.iban });
  });
  return account;
}

/**
 * Takes a merchant's bank account away: nothing is paid out, and the balance grows.
 *
 * @throws {OperatorError} `merchant-unknown`
 */
export async function removePayoutAccount(deps: TpsDeps, merchantId: string): Promise<void> {
  await deps.database.transaction(async (tx) => {
    await requireMerchant(tx, merchantId);
    await tx.query("delete from payout_accounts where merchant_id = $1", [merchantId]);
    await logOperation(deps, tx, "merchant payout-account", merchantId, { iban: "none" });
  });
}

/** The smallest payout: one whole unit of the currency, unless the operator set another. */
export async function readMinimumPayout(database: Queryable): Promise<bigint> {
  const { scale } = await readIssuer(database);
  const row = one(
    await database.query<{ minimum_payout: bigint | null }>(
      "select minimum_payout from settlement_settings",
    ),
  );
  return row?.minimum_payout ?? 10n ** BigInt(scale);
}

/** Sets the smallest payout, in smallest units. */
export async function setMinimumPayout(deps: TpsDeps, amount: bigint): Promise<void> {
  await deps.database.transaction(async (tx) => {
    await tx.query("update settlement_settings set minimum_payout = $1", [amount]);
    await logOperation(deps, tx, "payout minimum", amount.toString());
  });
}

/** A payout as a report names it. */
export interface CreatedPayout {
  readonly payoutId: string;
  readonly amount: bigint;
}

/**
 * Puts down a payout of what is owed, in whole cents; the rest is carried. None without a bank account, and none below the
 * minimum. The caller takes it off the merchant's account in the same transaction.
 */
export async function createPayout(
  deps: Pick<TpsDeps, "platform">,
  tx: Queryable,
  {
    payoutId,
    merchantId,
    cycle,
    owed,
  }: {
    readonly payoutId: string;
    readonly merchantId: string;
    readonly cycle: number;
    readonly owed: bigint;
  },
): Promise<CreatedPayout | null> {
  const { scale } = await readIssuer(tx);
  const amount = owed - (owed % bankUnit(scale));
  if (amount <= 0n || amount < (await readMinimumPayout(tx))) return null;
  const rows = await tx.query(
    `insert into payouts (payout_id, merchant_id, cycle, amount, name, iban, bic, created_at)
     select $1, merchant_id, $3, $4, name, iban, bic, $5 from payout_accounts where merchant_id = $2
     returning payout_id`,
    [payoutId, merchantId, cycle, amount, deps.platform.nowSeconds()],
  );
  return rows.length === 0 ? null : { payoutId, amount };
}
