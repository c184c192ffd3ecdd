/**
 * A bank's statement in ISO 20022 camt.053 (BankToCustomerStatement), versions 02 to 13: `Document/BkToCstmrStmt/Stmt/Ntry`.
 * An entry may be a collection of transfers (`NtryDtls/TxDtls`); each of them is entered by itself.
 */
import { parseDecimal } from "@chit/protocol";
import { XMLParser } from "fast-xml-parser";
import * as v from "valibot";
import { OperatorError } from "../errors.ts";
import type { Issuer } from "../issuer/read-issuer.ts";
import { LIMITS } from "../limits.ts";
import type { BankEntryInput } from "./bank-entries.ts";
import { bookingDay, type Statement } from "./statement-file.ts";

/** What banks write where they have no reference. */
const NO_REFERENCE = "NONREF";

/** These may stand several times, and are read as lists even where they stand once. */
const LISTS = new Set(["Stmt", "Ntry", "NtryDtls", "TxDtls", "Ustrd", "Strd"]);

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: "@",
  removeNSPrefix: true,
  // References and amounts stay the text that they are: no number loses its leading zeros.
  parseTagValue: false,
  parseAttributeValue: false,
  processEntities: true,
  isArray: (name) => LISTS.has(name),
});

const amountSchema = v.object({ "#text": v.string(), "@Ccy": v.string() });
const remittanceSchema = v.object({
  Ustrd: v.optional(v.array(v.string())),
  Strd: v.optional(
    v.array(v.object({ CdtrRefInf: v.optional(v.object({ Ref: v.optional(v.string()) })) })),
  ),
});
const transferSchema = v.object({
  Refs: v.optional(v.object({ AcctSvcrRef: v.optional(v.string()), TxId: v.optional(v.string()) })),
  Amt: v.optional(amountSchema),
  AmtDtls: v.optional(v.object({ TxAmt: v.optional(v.object({ Amt: amountSchema })) })),
  RmtInf: v.optional(remittanceSchema),
});
const entrySchema = v.object({
  Amt: amountSchema,
  CdtDbtInd: v.picklist(["CRDT", "DBIT"]),
  RvslInd: v.optional(v.string()),
  // A code of its own since version 08.
  Sts: v.union([v.string(), v.object({ Cd: v.string() })]),
  BookgDt: v.union([v.object({ Dt: v.string() }), v.object({ DtTm: v.string() })]),
  AcctSvcrRef: v.optional(v.string()),
  NtryDtls: v.optional(
    v.array(v.union([v.object({ TxDtls: v.optional(v.array(transferSchema)) }), v.string()])),
  ),
});
const documentSchema = v.object({
  Document: v.object({
    BkToCstmrStmt: v.object({
      Stmt: v.array(v.object({ Ntry: v.optional(v.array(entrySchema)) })),
    }),
  }),
});
type Entry = v.InferOutput<typeof entrySchema>;
type Transfer = v.InferOutput<typeof transferSchema>;

/**
 * Reads the entries of a camt.053 file. Money that left, reversals and what is not booked yet are skipped and counted.
 *
 * @throws {OperatorError} `file-unreadable`; nothing was entered then
 */
export function readCamt053(text: string, issuer: Issuer): Statement {
  const statements = readDocument(text).Document.BkToCstmrStmt.Stmt;
  const entries: BankEntryInput[] = [];
  let skipped = 0;
  for (const entry of statements.flatMap(({ Ntry = [] }) => Ntry)) {
    const status = typeof entry.Sts === "string" ? entry.Sts : entry.Sts.Cd;
    const isReversal = entry.RvslInd === "true" || entry.RvslInd === "1";
    if (entry.CdtDbtInd !== "CRDT" || isReversal || status !== "BOOK") skipped += 1;
    else entries.push(...transfersOf(entry, issuer));
  }
  return { source: "camt.053", entries, skipped };
}

function readDocument(text: string): v.InferOutput<typeof documentSchema> {
  let value: unknown;
  // Entities of its own would make a short file long; no bank sends any.
  if (/<!DOCTYPE/i.test(text)) throw unreadable("It has a document type of its own.");
  try {
    value = parser.parse(text, true);
  } catch (cause) {
    throw unreadable(
      `It is not well-formed XML: ${cause instanceof Error ? cause.message : cause}`,
    );
  }
  const result = v.safeParse(documentSchema, value, { abortEarly: true });
  if (result.success) return result.output;
  const [issue] = result.issues;
  throw unreadable(`${v.getDotPath(issue) ?? "Document"}: ${issue.message}`);
}

function transfersOf(entry: Entry, issuer: Issuer): BankEntryInput[] {
  const bookedAt = bookingDay("Dt" in entry.BookgDt ? entry.BookgDt.Dt : entry.BookgDt.DtTm);
  const transfers = (entry.NtryDtls ?? []).flatMap((details) =>
    typeof details === "string" ? [] : (details.TxDtls ?? []),
  );
  const [only = {}, ...others] = transfers;
  const whole = units(entry.Amt, issuer);
  if (others.length === 0) {
    // The entry's own first: a bank may tell it without its details, or with them.
    const entryId = bankName(entry.AcctSvcrRef) ?? bankName(only.Refs?.AcctSvcrRef);
    return [{ entryId: named(entryId), amount: String(whole), bookedAt, text: remittanceOf(only) }];
  }
  const parts = transfers.map((transfer) => {
    const amount = transfer.AmtDtls?.TxAmt?.Amt ?? transfer.Amt;
    if (amount === undefined) throw unreadable("A transfer of a collection has no amount.");
    return { transfer, amount: units(amount, issuer) };
  });
  if (parts.reduce((sum, { amount }) => sum + amount, 0n) !== whole) {
    throw unreadable(`The transfers of the entry of ${entry.Amt["#text"]} do not add up to it.`);
  }
  return parts.map(({ transfer, amount }) => ({
    entryId: named(nameInCollection(entry, transfer)),
    amount: String(amount),
    bookedAt,
    text: remittanceOf(transfer),
  }));
}

function bankName(reference: string | undefined): string | undefined {
  return reference === NO_REFERENCE ? undefined : reference;
}

/**
 * The payer's bank gives the transaction id, and another bank may give the same: it tells the transfers of one collection
 * apart, and no more.
 */
function nameInCollection({ AcctSvcrRef }: Entry, { Refs }: Transfer): string | undefined {
  const own = bankName(Refs?.AcctSvcrRef);
  if (own !== undefined) return own;
  const collection = bankName(AcctSvcrRef);
  return collection === undefined || Refs?.TxId === undefined
    ? undefined
    : `${collection}/${Refs.TxId}`;
}

function named(entryId: string | undefined): string {
  if (entryId !== undefined) return entryId;
  throw unreadable(
    "An entry has no reference of the bank's (AcctSvcrRef), so nothing would tell when it is entered twice.",
  );
}

function units(amount: v.InferOutput<typeof amountSchema>, issuer: Issuer): bigint {
  const { "#text": text, "@Ccy": currency } = amount;
  if (currency !== issuer.currency) {
    throw unreadable(`An entry is in ${currency}; accounts are in ${issuer.currency}.`);
  }
  return parseDecimal(text, issuer.scale);
}

/** A structured reference counts as much as what was written freely. */
function remittanceOf({ RmtInf }: Transfer): string {
  const structured = (RmtInf?.Strd ?? []).map(({ CdtrRefInf }) => CdtrRefInf?.Ref ?? "");
  const text = [...structured, ...(RmtInf?.Ustrd ?? [])].join(" ").trim();
  return text.slice(0, LIMITS.bankTextLength);
}

function unreadable(problem: string): OperatorError {
  return new OperatorError(
    "file-unreadable",
    `${problem} Expected an ISO 20022 camt.053 statement.`,
  );
}
