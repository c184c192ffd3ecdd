/** How money is paid into an account by bank transfer. */
import type { AccountRecords } from "@chit/protocol";
import { one, type Queryable } from "../store/database.ts";

interface DetailsRow {
  reference: string;
  bank_holder: string | null;
  bank_iban: string | null;
  bank_bic: string | null;
  bank_text: string | null;
}

/** What a transfer needs; `no-funding` where the operator named no bank account, or this account has no reference. */
export async function tellFunding(
  database: Queryable,
  accountId: string,
): Promise<Extract<AccountRecords, { outcome: "funding" | "no-funding" }>> {
  const row = one(
    await database.query<DetailsRow>(
      `select f.reference, i.bank_holder, i.bank_iban, i.bank_bic, i.bank_text
       from funding_references f cross join issuer i where f.account_id = $1`,
      [accountId],
    ),
  );
  const { reference, bank_holder: holder, bank_iban: iban } = row ?? {};
  if (row === undefined || !reference || !holder || !iban) return { outcome: "no-funding" };
  return { outcome: "funding", reference, holder, iban, bic: row.bank_bic, text: row.bank_text };
}
