/** What a check of the audit is given, and what it answers. */
import type { KeyList } from "@chit/protocol";
import type { TpsDeps } from "../../deps.ts";
import type { Issuer } from "../../issuer/read-issuer.ts";
import { LIMITS } from "../../limits.ts";
import type { Queryable } from "../../store/database.ts";

/** Something that is not as the records make it. */
export interface Finding {
  /** Which record: "account …", "payment …". */
  readonly subject: string;
  /** What is wrong with it, in words; amounts with their currency. */
  readonly text: string;
}

/** One check. */
export interface CheckResult {
  readonly name: string;
  /** How many records were looked at. */
  readonly looked: number;
  /** The first of what differs: 100 at most. */
  readonly findings: readonly Finding[];
  /** Whether there are more than these. */
  readonly more: boolean;
}

/** What checks are given: one snapshot, read only. */
export interface AuditContext {
  readonly tx: Queryable;
  readonly crypto: TpsDeps["crypto"];
  readonly issuer: Issuer;
  /** For documents that were signed at any time. */
  readonly list: KeyList;
  /** Documents and signatures: all, or a sample. */
  readonly all: boolean;
  money(amount: bigint): string;
}

/** One of the audit's checks. */
export type Check = (context: AuditContext) => Promise<CheckResult>;

/** A row of a statement that finds what differs. Sums come as text: they are numeric. */
type Row = Readonly<Record<string, string | bigint | number | null>>;

/** A check that is one statement. */
export interface SqlCheck {
  readonly name: string;
  /** Gives `looked`. */
  readonly count: string;
  /** Gives a row for each difference, in an order that stays. */
  readonly differences: string;
  /** Says it. */
  describe(row: Row, money: (value: Row[string]) => string): Finding;
}

/** Makes a check of a statement. */
export function sqlCheck({ name, count, differences, describe }: SqlCheck): Check {
  return async ({ tx, money }) => {
    const [counted] = await tx.query<{ looked: bigint }>(count);
    const most = LIMITS.auditFindings;
    const rows = await tx.query<Row>(`${differences} limit ${most + 1}`);
    const inMoney = (value: Row[string]) => money(BigInt(value ?? 0));
    return {
      name,
      looked: Number(counted?.looked ?? 0n),
      findings: rows.slice(0, most).map((row) => describe(row, inMoney)),
      more: rows.length > most,
    };
  };
}

/** The same for findings that were gathered otherwise. */
export function result(name: string, looked: number, findings: readonly Finding[]): CheckResult {
  const most = LIMITS.auditFindings;
  return { name, looked, findings: findings.slice(0, most), more: findings.length > most };
}
