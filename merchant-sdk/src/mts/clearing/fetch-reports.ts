/**
 * Settlement reports from the TPS: fetched after the last one held, verified (signature, digests of the pages, sums, and
 * that each begins where the one before ended), kept. A report that does not verify is not kept, and none after it.
 */
import {
  ChitError,
  checkReportEntries,
  LIMITS,
  type ReportEntry,
  readReportPage,
  readReportsAnswer,
  type SettlementReport,
  verifySettlementReport,
} from "@chit/protocol";
import type { BookedEntry, EntryPlace } from "../books/books.ts";
import { askIssuer } from "./ask-issuer.ts";
import type { ClearingDeps } from "./clearing-deps.ts";
import { recordReported } from "./reported-payments.ts";

/** Entries that are written or looked through at a time. */
const PAGE = LIMITS.reportPageEntries;

/** What fetching came to. */
export interface ReportRun {
  /** New reports, oldest first. */
  readonly reports: readonly SettlementReport[];
  /** Sales that the reports showed to be paid, and that went on by themselves. */
  readonly recorded: number;
}

/**
 * Fetches every report that is not here yet, and records the payments that only they tell of, where that is the policy.
 *
 * @throws {MerchantError} `key-list-expired`
 * @throws {IssuerUnavailable} {@link IssuerRefusal} as the TPS says
 * @throws {ChitError} when what it says does not verify; the reports before are kept
 */
export async function fetchReports(deps: ClearingDeps): Promise<ReportRun> {
  const reports: SettlementReport[] = [];
  let last = await lastReport(deps);
  for (;;) {
    const answer = await askIssuer(deps, { request: "reports", after: last?.cycle ?? 0 });
    const { reports: documents, more } = readReportsAnswer(answer);
    for (const document of documents) {
      last = await keepReport(deps, document, last);
      reports.push(last);
    }
    if (!more || documents.length === 0) break;
  }
  const recorded =
    deps.reported === "deliver" && last !== undefined ? await recordAll(deps, last) : 0;
  return { reports, recorded };
}

/** The newest report here. */
export async function lastReport({
  store,
}: Pick<ClearingDeps, "store">): Promise<SettlementReport | undefined> {
  return (await store.reports({ limit: 1 }))[0];
}

async function keepReport(
  deps: ClearingDeps,
  document: string,
  last: SettlementReport | undefined,
): Promise<SettlementReport> {
  const report = await deps.issuerKeys.verifiedBy((list) =>
    verifySettlementReport(deps.crypto, list, document),
  );
  expectNext(report, deps.certificate.merchantId, last);
  const entries: ReportEntry[] = [];
  for (const index of report.pages.keys()) {
    const { cycle } = report;
    const page = await askIssuer(deps, { request: "report-page", cycle, page: index });
    entries.push(...readReportPage(report, index, page));
  }
  checkReportEntries(report, entries);
  for (let first = 0; first < entries.length; first += PAGE) {
    await deps.store.addEntries(report.cycle, first, entries.slice(first, first + PAGE));
  }
  await deps.store.addReport(document);
  return report;
}

/** Mine, and the one that follows: nothing was left out, and it begins with what was owed. */
function expectNext(
  report: SettlementReport,
  merchantId: string,
  last: SettlementReport | undefined,
): void {
  const { cycle, previous, opening, currency, scale } = report;
  if (report.merchantId !== merchantId) {
    throw new ChitError(
      "merchant-mismatch",
      `The settlement report of cycle ${cycle} is another merchant's.`,
    );
  }
  const follows =
    previous === (last?.cycle ?? 0) &&
    opening === (last?.closing ?? 0n) &&
    (last === undefined || (currency === last.currency && scale === last.scale));
  if (follows) return;
  throw new ChitError(
    "books-inconsistent",
    `The settlement report of cycle ${cycle} does not go on where that of cycle ${last?.cycle ?? 0} ended. Ask the operator.`,
  );
}

/** Also those that an earlier run left behind. */
async function recordAll(deps: ClearingDeps, last: SettlementReport): Promise<number> {
  let recorded = 0;
  let after: EntryPlace | null = null;
  do {
    const entries: BookedEntry[] = await deps.store.entries({ kind: "unproven" }, after, PAGE);
    for (const { entry } of entries) {
      if (entry.entry !== "payment") continue;
      if (await recordReported(deps, last, entry)) recorded += 1;
    }
    after = entries.length < PAGE ? null : (entries.at(-1) ?? null);
  } while (after !== null);
  return recorded;
}
