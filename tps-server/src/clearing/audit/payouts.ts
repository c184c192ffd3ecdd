/** Payouts against the files that the bank got: nobody's money went elsewhere since. */
import { parse } from "csv-parse/sync";
import { XMLParser } from "fast-xml-parser";
import * as v from "valibot";
import { bankAmount } from "../pain001.ts";
import { type AuditContext, type CheckResult, type Finding, result } from "./check.ts";

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: "@",
  parseTagValue: false,
  isArray: (name) => name === "CdtTrfTxInf",
});

const fileSchema = v.object({
  Document: v.object({
    CstmrCdtTrfInitn: v.object({
      PmtInf: v.object({
        CdtTrfTxInf: v.array(
          v.object({
            PmtId: v.object({ EndToEndId: v.string() }),
            Amt: v.object({ InstdAmt: v.object({ "#text": v.string() }) }),
            CdtrAcct: v.object({ Id: v.object({ IBAN: v.string() }) }),
          }),
        ),
      }),
    }),
  }),
});

const linesSchema = v.array(v.object({ payout: v.string(), amount: v.string(), iban: v.string() }));

interface PayoutRow {
  payout_id: string;
  amount: bigint;
  iban: string;
}

/** Each file, in both of its forms, holds just the payouts that say so, once, with their amounts and bank accounts. */
export async function checkPayoutFiles({ tx, issuer }: AuditContext): Promise<CheckResult> {
  const findings: Finding[] = [];
  let looked = 0;
  const files = await tx.query<{ file_id: string }>(
    "select file_id from payout_files order by made_at, file_id",
  );
  for (const { file_id: fileId } of files) {
    const [file] = await tx.query<{ xml: string; csv: string }>(
      "select xml, csv from payout_files where file_id = $1",
      [fileId],
    );
    const payouts = await tx.query<PayoutRow>(
      "select payout_id, amount, iban from payouts where file_id = $1 order by payout_id",
      [fileId],
    );
    looked += payouts.length;
    const recorded = payouts.map(
      (row): Transfer => [row.payout_id, bankAmount(row.amount, issuer.scale), row.iban],
    );
    findings.push(...compare(`${fileId}.xml`, recorded, readXml(file?.xml ?? "")));
    findings.push(...compare(`${fileId}.csv`, recorded, readCsv(file?.csv ?? "")));
  }
  return result("payouts: files for the bank", looked, findings);
}

type Transfer = readonly [payoutId: string, amount: string, iban: string];

/** The transfers of a file; undefined when it cannot be read. */
function readXml(xml: string): Transfer[] | undefined {
  let parsed: unknown;
  try {
    parsed = parser.parse(xml);
  } catch {
    return undefined;
  }
  const file = v.safeParse(fileSchema, parsed);
  return file.success
    ? file.output.Document.CstmrCdtTrfInitn.PmtInf.CdtTrfTxInf.map((transfer) => [
        transfer.PmtId.EndToEndId,
        transfer.Amt.InstdAmt["#text"],
        transfer.CdtrAcct.Id.IBAN,
      ])
    : undefined;
}

/** The same of the CSV. A name that begins like a formula stands behind an apostrophe. */
function readCsv(csv: string): Transfer[] | undefined {
  let parsed: unknown;
  try {
    parsed = parse(csv, { columns: true, skip_empty_lines: true });
  } catch {
    return undefined;
  }
  const file = v.safeParse(linesSchema, parsed);
  return file.success
    ? file.output.map(({ payout, amount, iban }) => [payout.replace(/^'/, ""), amount, iban])
    : undefined;
}

function compare(
  file: string,
  recorded: readonly Transfer[],
  told: readonly Transfer[] | undefined,
): Finding[] {
  if (told === undefined) return [{ subject: `payout file ${file}`, text: "cannot be read" }];
  return [
    ...without(recorded, told).map(([payoutId]) => ({
      subject: `payout ${payoutId}`,
      text: `is not in the file ${file} as it is on record`,
    })),
    ...without(told, recorded).map(([payoutId, amount, iban]) => ({
      subject: `payout ${payoutId}`,
      text: `the file ${file} pays ${amount} to ${iban}, which is not on record`,
    })),
  ];
}

/** Those of `some` that `others` does not have, or not as often: what a file says twice is paid twice. */
function without(some: readonly Transfer[], others: readonly Transfer[]): Transfer[] {
  const left = new Map<string, number>();
  for (const other of others) left.set(other.join(" "), (left.get(other.join(" ")) ?? 0) + 1);
  return some.filter((transfer) => {
    const line = transfer.join(" ");
    const number = left.get(line) ?? 0;
    left.set(line, number - 1);
    return number <= 0;
  });
}
