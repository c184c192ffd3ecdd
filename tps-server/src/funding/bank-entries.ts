/**
 * Money that arrived at the operator's bank. Each entry is known by the bank's own name for it and is credited once,
 * whichever way and however often it is told. One that names no account waits for the operator.
 */
import {
  displayText,
  formatDecimal,
  message,
  parseValue,
  positiveAmount,
  time,
} from "@chit/protocol";
import * as v from "valibot";
import { creditAccount } from "../accounts/accounts.ts";
import type { TpsDeps } from "../deps.ts";
import { OperatorError } from "../errors.ts";
import { readIssuer } from "../issuer/read-issuer.ts";
import { LIMITS } from "../limits.ts";
import { logOperation } from "../operator-log.ts";
import { one, type Queryable } from "../store/database.ts";
import { findFundingReferences } from "./reference.ts";

/** How the operator heard of an entry. */
export type EntrySource = "csv" | "camt.053" | "api";

/** An entry of the bank's statement that brought money. */
export const bankEntrySchema = message({
  /** The bank's own name for it, never used again. */
  entryId: displayText(LIMITS.referenceLength),
  /** Smallest units. */
  amount: positiveAmount,
  /** Seconds. */
  bookedAt: time,
  /** What the payer wrote; the account's reference is looked for in it. */
  text: v.pipe(v.string(), v.maxLength(LIMITS.bankTextLength)),
});
export type BankEntryInput = v.InferInput<typeof bankEntrySchema>;
export type BankEntry = v.InferOutput<typeof bankEntrySchema>;

/** What is known of an entry. */
export interface KnownEntry extends BankEntry {
  /** `unmatched`: it names no account. `returned`: the operator sent the money back. */
  readonly state: "credited" | "unmatched" | "returned";
  readonly accountId: string | null;
}

/** An entry that was told, and whether this was the first time. */
export interface EnteredEntry extends KnownEntry {
  readonly isNew: boolean;
}

interface Row {
  readonly entry_id: string;
  readonly amount: bigint;
  readonly booked_at: bigint;
  readonly text: string;
  readonly state: KnownEntry["state"];
  readonly account_id: string | null;
}

const COLUMNS = "entry_id, amount, booked_at, text, state, account_id";

/**
 * Enters an entry, and credits the account that its text names. Told again it changes nothing and gives what became of it.
 *
 * @throws {OperatorError} `setting-invalid`; `reference-conflict` when the bank's name is known with another amount;
 * `balance-too-large`
 */
export async function enterBankEntry(
  deps: TpsDeps,
  input: BankEntryInput,
  source: EntrySource,
): Promise<EnteredEntry> {
  const entry = parseEntry(input);
  return deps.database.transaction(async (tx) => {
    const accountId = await findPayee(tx, entry.text);
    const state = accountId === null ? "unmatched" : "credited";
    const now = deps.platform.nowSeconds();
    const [inserted] = await tx.query<Row>(
      `insert into bank_entries (${COLUMNS}, source, imported_at, decided_at)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict do nothing returning ${COLUMNS}`,
      [
        entry.entryId,
        entry.amount,
        entry.bookedAt,
        entry.text,
        state,
        accountId,
        source,
        now,
        accountId === null ? null : now,
      ],
    );
    if (inserted === undefined) return { ...(await knownEntry(tx, entry)), isNew: false };
    if (accountId !== null) await credit(deps, tx, inserted, accountId, `funding ${source}`);
    return { ...fromRow(inserted), isNew: true };
  });
}

/**
 * Credits an entry that waits to an account.
 *
 * @throws {OperatorError} `entry-unknown`, `already-done`, `account-unknown`, `balance-too-large`; `reference-conflict` when
 * it was paid in by hand to another account
 */
export async function assignBankEntry(
  deps: TpsDeps,
  entryId: string,
  accountId: string,
): Promise<KnownEntry> {
  return deps.database.transaction(async (tx) => {
    await lockWaiting(tx, entryId);
    await expectNotPaidIn(tx, entryId, accountId);
    const [row] = await tx
      .query<Row>(
        `update bank_entries set state = 'credited', account_id = $2, decided_at = $3
       where entry_id = $1 returning ${COLUMNS}`,
        [entryId, accountId, deps.platform.nowSeconds()],
      )
      .catch(unknownAccountOr(accountId));
    if (row === undefined) throw unknownEntry(entryId);
    await credit(deps, tx, row, accountId, "funding assign");
    return fromRow(row);
  });
}

/**
 * Notes that the operator sent the money of an entry back. Moves nothing here.
 *
 * @throws {OperatorError} `entry-unknown`, `already-done`; `reference-conflict` when it was paid in by hand
 */
export async function returnBankEntry(deps: TpsDeps, entryId: string): Promise<KnownEntry> {
  return deps.database.transaction(async (tx) => {
    await lockWaiting(tx, entryId);
    await expectNotPaidIn(tx, entryId, null);
    const [row] = await tx.query<Row>(
      `update bank_entries set state = 'returned', decided_at = $2 where entry_id = $1 returning ${COLUMNS}`,
      [entryId, deps.platform.nowSeconds()],
    );
    if (row === undefined) throw unknownEntry(entryId);
    await logOperation(deps, tx, "funding return", entryId, { amount: row.amount.toString() });
    return fromRow(row);
  });
}

/** Entries that wait for the operator, the oldest first. */
export async function listWaitingEntries(
  { database }: Pick<TpsDeps, "database">,
  most: number = LIMITS.bankEntriesListed,
): Promise<KnownEntry[]> {
  const rows = await database.query<Row>(
    `select ${COLUMNS} from bank_entries where state = 'unmatched' order by booked_at, entry_id limit $1`,
    [most],
  );
  return rows.map(fromRow);
}

/**
 * @throws {OperatorError} `entry-unknown`
 */
export async function showBankEntry(
  { database }: { readonly database: Queryable },
  entryId: string,
): Promise<KnownEntry> {
  const row = one(
    await database.query<Row>(`select ${COLUMNS} from bank_entries where entry_id = $1`, [entryId]),
  );
  if (row === undefined) throw unknownEntry(entryId);
  return fromRow(row);
}

function parseEntry(input: BankEntryInput): BankEntry {
  try {
    return parseValue(bankEntrySchema, input);
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new OperatorError("setting-invalid", `The bank's entry: ${message}`, { cause });
  }
}

/** The one account that a text names; null when it names none, or several. */
async function findPayee(tx: Queryable, text: string): Promise<string | null> {
  const references = findFundingReferences(text);
  if (references.length === 0) return null;
  const found = await tx.query<{ account_id: string }>(
    "select account_id from funding_references where reference = any ($1::text[])",
    [references],
  );
  const [payee, other] = found;
  return payee === undefined || other !== undefined ? null : payee.account_id;
}

async function knownEntry(tx: Queryable, entry: BankEntry): Promise<KnownEntry> {
  const known = await showBankEntry({ database: tx }, entry.entryId);
  if (known.amount === entry.amount) return known;
  const { currency, scale } = await readIssuer(tx);
  throw new OperatorError(
    "reference-conflict",
    `The bank's entry "${entry.entryId}" was entered before with another amount (${formatDecimal(known.amount, scale)} ${currency}). Nothing was moved. Look at the bank's statement: each entry needs a name of its own.`,
  );
}

async function credit(
  deps: TpsDeps,
  tx: Queryable,
  { entry_id: entryId, amount }: Row,
  accountId: string,
  action: string,
): Promise<void> {
  // An entry that was paid in by hand before, under the same reference, moves nothing.
  const { moved } = await creditAccount(deps, tx, accountId, amount, entryId);
  const details = { reference: entryId, amount: moved ? amount.toString() : "0" };
  await logOperation(deps, tx, action, accountId, details);
}

async function lockWaiting(tx: Queryable, entryId: string): Promise<void> {
  const row = one(
    await tx.query<Pick<Row, "state">>(
      "select state from bank_entries where entry_id = $1 for update",
      [entryId],
    ),
  );
  if (row === undefined) throw unknownEntry(entryId);
  if (row.state === "unmatched") return;
  throw new OperatorError("already-done", `The bank's entry "${entryId}" is ${row.state} already.`);
}

/** The money of an entry goes to one account: not to a second one, and not back to the bank as well. */
async function expectNotPaidIn(
  tx: Queryable,
  entryId: string,
  accountId: string | null,
): Promise<void> {
  const [paid] = await tx.query<{ account_id: string }>(
    "select account_id from fundings where reference = $1 and account_id is distinct from $2 limit 1",
    [entryId, accountId],
  );
  if (paid === undefined) return;
  throw new OperatorError(
    "reference-conflict",
    `"${entryId}" was paid in to the account ${paid.account_id} by hand. Nothing was moved. If that was right, assign the entry to this account: it moves nothing more.`,
  );
}

const FOREIGN_KEY_VIOLATION = "23503";

function unknownAccountOr(accountId: string) {
  return (error: unknown): never => {
    if ((error as { code?: unknown }).code === FOREIGN_KEY_VIOLATION) {
      throw new OperatorError("account-unknown", `There is no account ${accountId}.`);
    }
    throw error;
  };
}

function unknownEntry(entryId: string): OperatorError {
  return new OperatorError(
    "entry-unknown",
    `There is no entry "${entryId}". "funding list" shows those that wait.`,
  );
}

function fromRow(row: Row): KnownEntry {
  const { entry_id: entryId, booked_at: bookedAt, account_id: accountId } = row;
  const { amount, text, state } = row;
  return { entryId, amount, bookedAt: Number(bookedAt), text, state, accountId };
}
