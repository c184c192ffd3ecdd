/** Settlement reports as a merchant reads them, and what a settlement needs besides payments. */
import {
  checkReportEntries,
  type ReportEntry,
  readReportPage,
  type SettlementReport,
  utf8,
  verifySettlementReport,
} from "@chit/protocol";
import { type Audit, audit } from "../../src/clearing/audit/audit.ts";
import { setPayoutAccount } from "../../src/clearing/payouts.ts";
import { type FinishedSettlement, settle } from "../../src/clearing/settle.ts";
import { createMerchant, type Merchant } from "./merchant.ts";
import type { World } from "./world.ts";

/** A bank account, of the IBAN registry's examples. */
export const BANK = {
  name: "Paper & Ink",
  iban: "DE89 3704 0044 0532 0130 00",
  bic: "COBADEFFXXX",
};

/** A merchant who is paid out. */
export async function createPaidMerchant(world: World): Promise<Merchant> {
  const shop = await createMerchant(world);
  await setPayoutAccount(world.deps, shop.merchantId, BANK);
  return shop;
}

/** A merchant's report of a cycle, verified with all of its pages; undefined where there is none. */
export async function reportOf(
  { world, merchantId }: Pick<Merchant, "world" | "merchantId">,
  cycle: number,
): Promise<{ document: string; report: SettlementReport; entries: ReportEntry[] } | undefined> {
  const [stored] = await world.database.query<{ document: string }>(
    "select document from settlement_reports where merchant_id = $1 and cycle = $2",
    [merchantId, cycle],
  );
  if (stored === undefined) return undefined;
  const { document } = stored;
  const report = verifySettlementReport(world.deps.crypto, world.keyList(), document);
  const pages = await world.database.query<{ content: string }>(
    "select content from settlement_report_pages where merchant_id = $1 and cycle = $2 order by page",
    [merchantId, cycle],
  );
  const entries = pages.flatMap(({ content }, index) =>
    readReportPage(report, index, utf8(content)),
  );
  checkReportEntries(report, entries);
  return { document, report, entries };
}

/** Settles a cycle a minute later. */
export async function settleLater(world: World): Promise<FinishedSettlement> {
  world.now += 60;
  return settle(world.deps);
}

/** What an audit of everything finds, in lines. */
export async function auditFindings(world: World): Promise<string[]> {
  const found: Audit = await audit(world.deps, { all: true });
  return [
    ...(found.difference === 0n ? [] : [`difference ${found.difference}`]),
    ...found.checks.flatMap(({ name, findings }) =>
      findings.map(({ subject, text }) => `${name} | ${subject}: ${text}`),
    ),
  ];
}
