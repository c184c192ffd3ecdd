/**
 * Payouts as ISO 20022 pain.001.001.09 (CustomerCreditTransferInitiation), in the form of the European Payments Council's
 * SEPA credit transfer guidelines: one payment of the operator's, with a transfer for each payout. Escaping is the XML
 * library's.
 */
import { formatDecimal } from "@chit/protocol";
import { create } from "xmlbuilder";
import type { BankAccount } from "../funding/bank-account.ts";

/** One payout as the bank is told of it. */
export interface CreditTransfer {
  readonly payoutId: string;
  readonly amount: bigint;
  readonly name: string;
  readonly iban: string;
  readonly bic: string | null;
  /** What the receiver reads. */
  readonly text: string;
}

/** What a file says. */
export interface Pain001 {
  /** Message id, at most 35 characters. */
  readonly fileId: string;
  /** Seconds. */
  readonly madeAt: number;
  /** The operator's bank account. */
  readonly debtor: Pick<BankAccount, "holder" | "iban" | "bic">;
  readonly currency: string;
  readonly scale: number;
  readonly transfers: readonly CreditTransfer[];
}

const NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09";

/** Lengths of the SEPA guidelines. */
const NAME_LENGTH = 70;
const TEXT_LENGTH = 140;

/** The document. Amounts must be whole cents. */
export function toPain001(file: Pain001): string {
  const { fileId, madeAt, debtor, currency, scale, transfers } = file;
  const total = transfers.reduce((sum, { amount }) => sum + amount, 0n);
  const time = new Date(madeAt * 1000).toISOString();
  const name = latin(debtor.holder, NAME_LENGTH);
  const totals = { NbOfTxs: transfers.length, CtrlSum: bankAmount(total, scale) };
  const document = {
    "@xmlns": NAMESPACE,
    CstmrCdtTrfInitn: {
      GrpHdr: {
        MsgId: fileId,
        CreDtTm: time.replace(/\.\d+Z$/, "Z"),
        ...totals,
        InitgPty: { Nm: name },
      },
      PmtInf: {
        PmtInfId: fileId,
        PmtMtd: "TRF",
        BtchBookg: "true",
        ...totals,
        // The scheme for euros, by IBAN; of other currencies the bank chooses.
        ...(currency === "EUR" ? { PmtTpInf: { SvcLvl: { Cd: "SEPA" } } } : {}),
        ReqdExctnDt: { Dt: time.slice(0, 10) },
        Dbtr: { Nm: name },
        DbtrAcct: { Id: { IBAN: debtor.iban }, Ccy: currency },
        DbtrAgt: agent(debtor.bic),
        ChrgBr: "SLEV",
        CdtTrfTxInf: transfers.map((transfer) => ({
          PmtId: { EndToEndId: transfer.payoutId },
          Amt: { InstdAmt: { "@Ccy": currency, "#text": bankAmount(transfer.amount, scale) } },
          ...(transfer.bic === null ? {} : { CdtrAgt: agent(transfer.bic) }),
          Cdtr: { Nm: latin(transfer.name, NAME_LENGTH) },
          CdtrAcct: { Id: { IBAN: transfer.iban } },
          RmtInf: { Ustrd: latin(transfer.text, TEXT_LENGTH) },
        })),
      },
    },
  };
  const root = create("Document", { version: "1.0", encoding: "UTF-8" });
  return `${root.ele(document).end({ pretty: true })}\n`;
}

/** Without a BIC the debtor's bank is found by the IBAN, and the mandatory element says so. */
function agent(bic: string | null): object {
  return {
    FinInstnId: bic === null ? { Othr: { Id: "NOTPROVIDED" } } : { BICFI: bic },
  };
}

/** An amount as banks write it: two decimals and a point. */
export function bankAmount(amount: bigint, scale: number): string {
  const [whole = "0", fraction = ""] = formatDecimal(amount, scale).split(".");
  return `${whole}.${fraction.padEnd(2, "0")}`;
}

/**
 * The character set that every SEPA bank takes: Latin letters, digits, a few signs. Accents are taken off, German umlauts
 * and ligatures are written out; what remains becomes a full stop. No slash begins or ends a text, nor stands twice.
 */
export function latin(text: string, most: number): string {
  const spelled = text.replace(/[ÄÖÜäöüßÆæŒœØøÅåŁłÐðÞþĐđ&]/g, (sign) => SPELLED[sign] ?? ".");
  const plain = spelled
    .normalize("NFD")
    .replace(/\p{M}/gu, "")
    .replace(/[^A-Za-z0-9/\-?:().,'+ ]/gu, ".")
    .replace(/\/{2,}/g, "/")
    .slice(0, most)
    .replace(/^\/|\/$/g, "")
    .trim();
  return plain === "" ? "." : plain;
}

const SPELLED: Readonly<Record<string, string>> = {
  Ä: "Ae",
  Ö: "Oe",
  Ü: "Ue",
  ä: "ae",
  ö: "oe",
  ü: "ue",
  ß: "ss",
  Æ: "Ae",
  æ: "ae",
  Œ: "Oe",
  œ: "oe",
  Ø: "O",
  ø: "o",
  Å: "A",
  å: "a",
  Ł: "L",
  ł: "l",
  Ð: "D",
  ð: "d",
  Þ: "Th",
  þ: "th",
  Đ: "D",
  đ: "d",
  "&": "+",
};
