/** Where those who pay in send their money: the operator's own bank account, as wallets show it. */
import { displayText, message, LIMITS as PROTOCOL_LIMITS, parseValue } from "@chit/protocol";
import * as v from "valibot";
import type { TpsDeps } from "../deps.ts";
import { OperatorError } from "../errors.ts";
import { logOperation } from "../operator-log.ts";
import { one } from "../store/database.ts";

/** An IBAN without spaces, whose check digits are right (ISO 13616: MOD 97-10). */
export const iban = v.pipe(
  v.string(),
  v.transform((text) => text.replace(/ /g, "").toUpperCase()),
  v.regex(
    /^[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}$/,
    "Expected an IBAN such as DE89 3704 0044 0532 0130 00.",
  ),
  v.check(isIbanSound, "The IBAN's check digits are wrong: it is mistyped."),
);

/** A BIC (ISO 9362). */
export const bic = v.pipe(
  v.string(),
  v.regex(/^[A-Z]{6}[A-Z0-9]{2}([A-Z0-9]{3})?$/, "Expected a BIC of 8 or 11 characters."),
);

const bankAccountSchema = message({
  /** In whose name the bank account is: banks compare it. */
  holder: displayText(70),
  iban,
  bic: v.nullable(bic),
  /** Anything else that those who pay in should know. */
  text: v.nullable(displayText(PROTOCOL_LIMITS.deliveryTextLength)),
});
export type BankAccount = v.InferOutput<typeof bankAccountSchema>;

/**
 * Sets the bank account that wallets show.
 *
 * @throws {OperatorError} `setting-invalid`
 */
export async function setBankAccount(deps: TpsDeps, settings: BankAccount): Promise<BankAccount> {
  let account: BankAccount;
  try {
    account = parseValue(bankAccountSchema, settings);
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause);
    throw new OperatorError("setting-invalid", problem, { cause });
  }
  await deps.database.transaction(async (tx) => {
    await tx.query(
      "update issuer set bank_holder = $1, bank_iban = $2, bank_bic = $3, bank_text = $4",
      [account.holder, account.iban, account.bic, account.text],
    );
    await logOperation(deps, tx, "funding bank", account.iban);
  });
  return account;
}

/** The bank account that wallets show; null where none was set. */
export async function readBankAccount({
  database,
}: Pick<TpsDeps, "database">): Promise<BankAccount | null> {
  const row = one(
    await database.query<{
      bank_holder: string | null;
      bank_iban: string | null;
      bank_bic: string | null;
      bank_text: string | null;
    }>("select bank_holder, bank_iban, bank_bic, bank_text from issuer"),
  );
  if (row === undefined || row.bank_holder === null || row.bank_iban === null) return null;
  return { holder: row.bank_holder, iban: row.bank_iban, bic: row.bank_bic, text: row.bank_text };
}

/** The first four characters go behind, letters count from 10: the remainder by 97 is 1. */
function isIbanSound(text: string): boolean {
  const digits = [...`${text.slice(4)}${text.slice(0, 4)}`].map((sign) =>
    Number.parseInt(sign, 36),
  );
  return BigInt(digits.join("")) % 97n === 1n;
}
