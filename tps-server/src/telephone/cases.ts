/** Problems that callers reported by telephone: the operator's side of them. */
import type { TpsDeps } from "../deps.ts";
import { OperatorError } from "../errors.ts";
import { logOperation } from "../operator-log.ts";
import { one, type Queryable } from "../store/database.ts";
import type { Category } from "../vru/call-state.ts";

/** One case. Times in seconds. */
export interface CaseOverview {
  /** 6 digits, which the caller was told. */
  readonly caseNumber: string;
  readonly accountId: string;
  readonly category: Category;
  readonly openedAt: number;
  /** Where the carrier keeps what the caller said; null when nothing was said. */
  readonly recordingUrl: string | null;
  readonly recordingSeconds: number | null;
  readonly closedAt: number | null;
  /** The computer account of whoever closed it. */
  readonly closedBy: string | null;
}

/** The most that one list shows. */
const MOST_CASES = 200;
const COLUMNS = `case_number as "caseNumber", account_id as "accountId", category,
  opened_at as "openedAt", recording_url as "recordingUrl", recording_seconds as "recordingSeconds",
  closed_at as "closedAt", closed_by as "closedBy"`;

type CaseRow = Omit<CaseOverview, "openedAt" | "closedAt"> & {
  readonly openedAt: bigint;
  readonly closedAt: bigint | null;
};

/** Cases, the oldest open ones first, then (if asked for) the closed ones; 200 at most. */
export async function listCases(
  { database }: Pick<TpsDeps, "database">,
  which: "open" | "all",
): Promise<CaseOverview[]> {
  const rows = await database.query<CaseRow>(
    `select ${COLUMNS} from cases where $1 or closed_at is null
     order by closed_at is not null, opened_at, case_number limit ${MOST_CASES}`,
    [which === "all"],
  );
  return rows.map(overviewOf);
}

/**
 * @throws {OperatorError} `case-unknown`
 */
export async function showCase(
  { database }: Pick<TpsDeps, "database">,
  caseNumber: string,
): Promise<CaseOverview> {
  return readCase(database, caseNumber);
}

/**
 * Closes a case: it is done with. The recording is the carrier's to delete.
 *
 * @throws {OperatorError} `case-unknown`; `already-done` when it was closed before
 */
export async function closeCase(deps: TpsDeps, caseNumber: string): Promise<CaseOverview> {
  return deps.database.transaction(async (tx) => {
    const closed = await tx.query(
      `update cases set closed_at = $2, closed_by = $3
       where case_number = $1 and closed_at is null returning case_number`,
      [caseNumber, deps.platform.nowSeconds(), deps.operatorName],
    );
    const found = await readCase(tx, caseNumber);
    if (closed.length === 0) {
      throw new OperatorError("already-done", `The case ${caseNumber} is closed already.`);
    }
    await logOperation(deps, tx, "case close", found.accountId, { caseNumber });
    return found;
  });
}

async function readCase(database: Queryable, caseNumber: string): Promise<CaseOverview> {
  const row = one(
    await database.query<CaseRow>(`select ${COLUMNS} from cases where case_number = $1`, [
      caseNumber,
    ]),
  );
  if (row === undefined) {
    throw new OperatorError("case-unknown", `There is no case ${caseNumber}. See: case list --all`);
  }
  return overviewOf(row);
}

function overviewOf({ openedAt, closedAt, ...row }: CaseRow): CaseOverview {
  return {
    ...row,
    openedAt: Number(openedAt),
    closedAt: closedAt === null ? null : Number(closedAt),
  };
}
