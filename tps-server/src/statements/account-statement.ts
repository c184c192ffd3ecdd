/**
 * Signed statements of accounts. That of a month that is over is made when it is first asked for, kept, and given out
 * with the same bytes for ever; one of the month that runs is made from what there is now, and kept for some minutes.
 */
import {
  createStatementSheet,
  LIMITS,
  monthBounds,
  monthOf,
  type StatementSheetInput,
} from "@chit/protocol";
import type { TpsDeps } from "../deps.ts";
import { newIdentifier } from "../identifiers.ts";
import type { KeyRing } from "../keys/key-ring.ts";
import { LIMITS as TPS_LIMITS } from "../limits.ts";
import { one, type Queryable } from "../store/database.ts";
import { type Month, type MonthMovement, readMonth } from "./month.ts";

/** A statement as it was signed. */
export interface KeptStatement {
  readonly kind: "statement";
  readonly statementId: string;
  /** The sheets (JWS), one a line: ASCII. */
  readonly document: string;
}

/** Why there is none. `why` is for the operator: it names balances. */
export interface NoStatement {
  readonly kind: "no-such-month" | "too-long" | "books-disagree";
  readonly why: string;
}

/** What making statements needs. */
export type StatementDeps = Pick<TpsDeps, "database" | "platform">;

/** The months that statements are made of: all since the account was opened, until they are carried; undefined where there is no such account. */
export async function statementMonths(
  { database, platform }: StatementDeps,
  accountId: string,
): Promise<{ readonly first: string; readonly current: string } | undefined> {
  const row = one(
    await database.query<{ first_at: bigint }>(
      `select greatest(a.created_at, c.carried_until) as first_at from accounts a, collection c where a.account_id = $1`,
      [accountId],
    ),
  );
  if (row === undefined) return undefined;
  return { first: monthOf(Number(row.first_at)), current: monthOf(platform.nowSeconds()) };
}

/** The statement of an account for a month; kept ones first. */
export async function accountStatement(
  deps: StatementDeps,
  ring: KeyRing,
  accountId: string,
  month: string,
): Promise<KeptStatement | NoStatement> {
  const months = await statementMonths(deps, accountId);
  // One that was made stays, also when the payments are carried.
  const kept = await keptOf(deps.database, accountId, month);
  if (kept !== undefined) return kept;
  if (months === undefined || month < months.first || month > months.current) {
    return { kind: "no-such-month", why: `The account has no ${month}, or none any more.` };
  }
  const now = deps.platform.nowSeconds();
  const records = await readMonth(deps.database, accountId, month, now);
  if (records.kind !== "month") return records;
  // Payments of the month's last second may not be committed when the next month begins.
  const complete = now >= monthBounds(month).until + TPS_LIMITS.statementClosesSeconds;
  if (!complete) {
    const fresh = await freshOf(deps.database, accountId, month, records, now);
    if (fresh !== undefined) return fresh;
  }
  const about = { statementId: newIdentifier(deps.platform), accountId, month, complete, now };
  const document = await sign(ring, about, records);
  await forgetOld(deps.database, now);
  await keep(deps.database, about, records, document);
  // Of two that were made at once, the one that was kept first.
  if (complete) return (await keptOf(deps.database, accountId, month)) ?? gone(month);
  return { kind: "statement", statementId: about.statementId, document };
}

/** Part `part` of a statement of this account, or undefined where it is not kept (any more), or has no such part. */
export async function statementPart(
  database: Queryable,
  accountId: string,
  statementId: string,
  part: number,
): Promise<string | undefined> {
  const row = one(
    await database.query<{ text: string }>(
      `select substr(document, $3, $4) as text from account_statements
       where account_id = $1 and statement_id = $2`,
      [accountId, statementId, part * LIMITS.statementPartBytes + 1, LIMITS.statementPartBytes],
    ),
  );
  return row?.text === "" ? undefined : row?.text;
}

/** In how many parts a statement is told. */
export function partsOf({ document }: KeptStatement): number {
  return Math.ceil(document.length / LIMITS.statementPartBytes);
}

interface About {
  readonly statementId: string;
  readonly accountId: string;
  readonly month: string;
  readonly complete: boolean;
  readonly now: number;
}

async function sign(ring: KeyRing, about: About, records: Month): Promise<string> {
  const { movements } = records;
  const most = LIMITS.statementSheetMovements;
  const sheets = Math.max(1, Math.ceil(movements.length / most));
  const common = {
    v: 1,
    iss: ring.issuer.origin,
    jti: about.statementId,
    iat: about.now,
    accountId: about.accountId,
    month: about.month,
    complete: about.complete,
    currency: ring.issuer.currency,
    scale: ring.issuer.scale,
    opening: records.opening.toString(),
    payments: totalOf(movements, "payment"),
    refunds: totalOf(movements, "refund"),
    fundings: totalOf(movements, "funding"),
    closing: records.closing.toString(),
  } as const;
  const documents: string[] = [];
  let carried = records.opening;
  for (let sheet = 1; sheet <= sheets; sheet++) {
    const own = movements.slice((sheet - 1) * most, sheet * most);
    documents.push(
      await createStatementSheet(ring.signer(about.now), {
        ...common,
        sheet,
        sheets,
        carried: carried.toString(),
        merchants: merchantsOf(own),
        movements: own.map(toWire),
      }),
    );
    carried = own.at(-1)?.balanceAfter ?? carried;
  }
  return documents.join("\n");
}

function totalOf(movements: readonly MonthMovement[], kind: MonthMovement["kind"]) {
  const own = movements.filter((movement) => movement.kind === kind);
  const amount = own.reduce((sum, movement) => sum + movement.amount, 0n);
  return { count: own.length, amount: amount.toString() };
}

function merchantsOf(movements: readonly MonthMovement[]): StatementSheetInput["merchants"] {
  const names = new Map(
    movements
      .filter(({ kind }) => kind !== "funding")
      .map(({ merchantId, merchantName }) => [merchantId, merchantName]),
  );
  return [...names].map(([merchantId, name]) => ({ merchantId, name }));
}

function toWire(movement: MonthMovement): StatementSheetInput["movements"][number] {
  const { kind, at, paymentId, merchantId, transactionNumber, orderId, reference } = movement;
  const moved = {
    at,
    amount: movement.amount.toString(),
    balance: movement.balanceAfter.toString(),
  };
  const payment = { paymentId, merchantId, transactionNumber };
  switch (kind) {
    case "payment":
      return { kind, ...moved, ...payment };
    case "refund":
      return { kind, ...moved, ...payment, orderId };
    case "funding":
      return { kind, ...moved, reference };
  }
}

interface KeptRow {
  statement_id: string;
  document: string;
}

const toKept = (row: KeptRow | undefined): KeptStatement | undefined =>
  row && { kind: "statement", statementId: row.statement_id, document: row.document };

/** The one statement of a month that is over. */
async function keptOf(database: Queryable, accountId: string, month: string) {
  const rows = await database.query<KeptRow>(
    `select statement_id, document from account_statements
     where account_id = $1 and month = $2 and complete`,
    [accountId, month],
  );
  return toKept(one(rows));
}

/** One that was made within the last minute and lacks nothing: whoever asks again and again makes no more of them. */
async function freshOf(
  database: Queryable,
  accountId: string,
  month: string,
  { movements }: Month,
  now: number,
) {
  const rows = await database.query<KeptRow>(
    `select statement_id, document from account_statements
     where account_id = $1 and month = $2 and not complete and movements = $3 and made_at > $4
     order by made_at desc limit 1`,
    [accountId, month, movements.length, now - TPS_LIMITS.statementFreshSeconds],
  );
  return toKept(one(rows));
}

async function keep(database: Queryable, about: About, { movements }: Month, document: string) {
  await database.query(
    `insert into account_statements (account_id, statement_id, month, complete, made_at, movements, document)
     values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing`,
    [
      about.accountId,
      about.statementId,
      about.month,
      about.complete,
      about.now,
      movements.length,
      document,
    ],
  );
}

async function forgetOld(database: Queryable, now: number): Promise<void> {
  await database.query("delete from account_statements where not complete and made_at < $1", [
    now - TPS_LIMITS.statementKeptSeconds,
  ]);
}

function gone(month: string): never {
  throw new Error(`The statement of ${month} is not where it was just put.`);
}
