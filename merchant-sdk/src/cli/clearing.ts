/** `chit-merchant batch`, `reports` and `reconcile`: what the shop does on its schedule, by hand and for cron. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { decodeCertificate, formatDecimal, type SettlementReport } from "@chit/protocol";
import { createMerchant, type Merchant } from "../create-merchant.ts";
import { readBundle } from "../credentials.ts";
import type { Finding } from "../mts/clearing/finding.ts";
import { sqliteStore } from "../mts/sqlite-store.ts";
import { csvRows } from "../web/office/csv.ts";
import { FINDING_COLUMNS, findingCells } from "../web/office/pages/reconciliation.ts";
import { english } from "../web/office/words-en.ts";
import { type CliDeps, CliError, FILES } from "./context.ts";

export interface ClearingOptions {
  readonly directory: string;
  /** The shop's database; beside the keys when undefined. */
  readonly store: string | undefined;
  /** How long `batch` waits for results, in seconds. */
  readonly waitSeconds: number;
  /** Whether `batch` sends the orders of rejected batches again. */
  readonly again: boolean;
  /** Whether `reconcile` prints CSV. */
  readonly csv: boolean;
}

/** Runs one of the commands. Returns false when something is left that a person should look at. */
export function runClearing(
  deps: CliDeps,
  command: "batch" | "reports" | "reconcile",
  options: ClearingOptions,
): Promise<boolean> {
  switch (command) {
    case "batch":
      return withShop(deps, options, (shop) => sendBatches(deps, shop, options));
    case "reports":
      return withShop(deps, options, (shop) => fetchReports(deps, shop));
    case "reconcile":
      return withShop(deps, options, (shop) => reconcile(deps, shop, options));
  }
}

/** Rejected batches that are sent again in one go. */
const MOST_REJECTED = 1_000;

async function sendBatches(
  deps: CliDeps,
  { merchant, store }: OpenShop,
  { again, waitSeconds }: ClearingOptions,
): Promise<boolean> {
  if (again) {
    const gone = await store.batches({ states: ["rejected"], limit: MOST_REJECTED });
    for (const { batchId } of gone) await merchant.resolve({ action: "send-again", batchId });
  }
  const run = await merchant.runBatch({ waitSeconds });
  const { made, executed, refused, waiting, rejected, unavailable } = run;
  deps.print(
    `made ${made}, orders executed ${executed}, refused ${refused.length}, batches waiting ${waiting}, rejected ${rejected.length}`,
  );
  for (const { transactionNumber, action } of refused) {
    deps.print(`refused   ${transactionNumber}  ${action}`);
  }
  for (const { batchId, problem } of rejected) deps.print(`rejected  ${batchId}  ${problem}`);
  if (unavailable !== null) deps.print(`waiting   ${unavailable} Nothing is lost; run it again.`);
  return refused.length === 0 && rejected.length === 0 && unavailable === null;
}

async function fetchReports(deps: CliDeps, { merchant }: OpenShop): Promise<boolean> {
  const { reports, recorded } = await merchant.fetchReports();
  for (const report of reports) deps.print(reportLine(report));
  if (reports.length === 0) deps.print("There is no new settlement report.");
  if (recorded > 0) deps.print(`Sales that they showed to be paid, and that go on: ${recorded}.`);
  return true;
}

async function reconcile(
  deps: CliDeps,
  { merchant, currency, scale }: OpenShop,
  { csv }: ClearingOptions,
): Promise<boolean> {
  let count = 0;
  let after: string | null = null;
  if (csv) deps.print(csvRows([FINDING_COLUMNS], scale, true).trimEnd());
  do {
    const page: { findings: readonly Finding[]; next: string | null } = await merchant.reconcile(
      after === null ? {} : { after },
    );
    for (const finding of page.findings) {
      const row = () => csvRows([findingCells(finding, currency)], scale, false).trimEnd();
      deps.print(csv ? row() : findingLine(finding, currency, scale));
    }
    count += page.findings.length;
    after = page.next;
  } while (after !== null);
  if (!csv && count === 0) deps.print(english.reconciliation.fine);
  return count === 0;
}

function reportLine(report: SettlementReport): string {
  const { cycle, until, payments, refunds, fees, heldBack, payout, closing, currency, scale } =
    report;
  const money = (amount: bigint) => formatDecimal(amount, scale);
  const parts = [
    `cycle ${cycle}`,
    `until ${new Date(until * 1_000).toISOString()}`,
    `payments ${payments.count}: ${money(payments.amount)}`,
    `refunds ${refunds.count}: ${money(refunds.amount)}`,
    `fees ${money(fees)}`,
    ...(heldBack.count === 0 ? [] : [`held back ${heldBack.count}: ${money(heldBack.amount)}`]),
    `paid out ${money(payout?.amount ?? 0n)}`,
    `owed to you ${money(closing)} ${currency}`,
  ];
  return parts.join("  ");
}

function findingLine(finding: Finding, currency: string, scale: number): string {
  const { kind, detail, transactionNumber, amount, paymentId } = finding;
  const t = english.reconciliation;
  const advice = [t.details[detail], t.advice[kind]].filter((text) => text !== "").join(" ");
  const payment = paymentId === null ? "" : `  payment ${paymentId}`;
  const money = `${formatDecimal(amount, scale)} ${currency}`;
  return `${t.kinds[kind]}  ${transactionNumber}  ${money}${payment}\n    ${advice}`;
}

interface OpenShop {
  readonly merchant: Merchant;
  readonly store: ReturnType<typeof sqliteStore>;
  readonly currency: string;
  readonly scale: number;
}

async function withShop(
  deps: CliDeps,
  { directory, store: path = join(directory, "chit-merchant.db") }: ClearingOptions,
  work: (shop: OpenShop) => Promise<boolean>,
): Promise<boolean> {
  if (!existsSync(path)) {
    throw new CliError(
      `There is no store ${path}. Give the shop's database with --store, or the directory of its keys with --dir.`,
    );
  }
  const bundle = join(directory, FILES.bundle);
  const store = sqliteStore(path);
  const { clock, randomBytes, fetch } = deps;
  const say = (_fields: object, message: string) => deps.print(message);
  const merchant = createMerchant({
    keys: join(directory, FILES.keys),
    bundle,
    store,
    // What the shop's own process has to be told is kept for it.
    hooksElsewhere: true,
    background: false,
    clock,
    randomBytes,
    fetch,
    logger: { info() {}, warn() {}, error: say },
  });
  const { currency, scale } = decodeCertificate(readBundle(bundle).certificate);
  try {
    return await work({ merchant, store, currency, scale });
  } finally {
    await merchant.close();
  }
}
