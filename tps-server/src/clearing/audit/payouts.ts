/** Payouts against the files that the bank got: nobody's money went elsewhere since. */
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

interface PayoutRow {
  payout_id: string;
  amount: bigint;
  iban: string;
}

/** Each file holds just the payouts that say so, with their amounts and bank accounts. */
export async function checkPayoutFiles({ tx, issuer }: AuditContext): Promise<CheckResult> {
  const findings: Finding[] = [];
  let looked = 0;
  const files = await tx.query<{ file_id: string }>(
    "select file_id from payout_files order by made_at, file_id",
  );
  for (const { file_id: fileId } of files) {
    const [file] = await tx.query<{ xml: string }>(
      "select xml from payout_files where file_id = $1",
      [fileId],
    );
    const payouts = await tx.query<PayoutRow>(
      "select payout_id, amount, iban from payouts where file_id = $1 order by payout_id",
      [fileId],
    );
    looked += payouts.length;
    const recorded = payouts.map((row) => [
      row.payout_id,
      bankAmount(row.amount, issuer.scale),
      row.iban,
    ]);
    findings.push(...compare(fileId, recorded, readFile(file?.xml ?? "")));
  }
  return result("payouts: files for the bank", looked, findings);
}

type Transfer = readonly [payoutId: string, amount: string, iban: string];

/** The transfers of a file; undefined when it cannot be read. */
function readFile(xml: string): Transfer[] | undefined {
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

function compare(
  fileId: string,
  recorded: readonly (readonly string[])[],
  told: readonly Transfer[] | undefined,
): Finding[] {
  if (told === undefined) return [{ subject: `payout file ${fileId}`, text: "cannot be read" }];
  const lines = (transfers: readonly (readonly string[])[]) =>
    new Set(transfers.map((transfer) => transfer.join(" ")));
  const [inRecords, inFile] = [lines(recorded), lines(told)];
  return [
    ...recorded
      .filter((transfer) => !inFile.has(transfer.join(" ")))
      .map(([payoutId]) => ({
        subject: `payout ${payoutId}`,
        text: `is not in the file ${fileId} as it is on record`,
      })),
    ...told
      .filter((transfer) => !inRecords.has(transfer.join(" ")))
      .map(([payoutId, amount, iban]) => ({
        subject: `payout ${payoutId}`,
        text: `the file ${fileId} pays ${amount} to ${iban}, which is not on record`,
      })),
  ];
}
