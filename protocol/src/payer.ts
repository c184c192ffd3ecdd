/**
 * Someone else pays (paper, section 3: initiator and payer may be distinct). The initiator of a session makes a link
 * and hands it to whom it likes; the merchant shows the quote to whoever has the link, and the wallet of that person
 * pays it without a session. The goods stay the initiator's.
 *
 * Whoever forwards a proof-of-payment gets a receipt. The shipping advice goes to the initiator alone, who shows by a
 * MAC that it holds the session (`proof-of-payment.ts`).
 */
import * as v from "valibot";
import { equalBytes, toBase64url, utf8 } from "./bytes.ts";
import { LABELS } from "./labels.ts";
import { header, identifier, message, messageBytes, parseMessage } from "./schema.ts";
import type { Session, SessionSubject } from "./session-initiation.ts";
import { labelledMac } from "./transcript.ts";

/** Relation type of the pointer from the link's page to the quote, for whoever pays for somebody else. */
export const PAYER_QUOTE_RELATION = "payer-quote";

/** Bytes of the link's key: nobody guesses it. */
const PAYER_KEY_BYTES = 16;

/** The key of the initiator's link, base64url: the MTS knows by it who was shown the link. */
export function payerKey(session: Session, subject: SessionSubject): string {
  return toBase64url(keyBytes(session, subject));
}

/** Whether `key` is that of the link of this session; told in constant time. */
export function isPayerKey(session: Session, subject: SessionSubject, key: string): boolean {
  return equalBytes(utf8(key), utf8(payerKey(session, subject)));
}

/**
 * The link that the initiator hands on: a page for people, which points at the quote for their wallets.
 *
 * @param payerUrl as the quote has it
 */
export function payerLink(session: Session, subject: SessionSubject, payerUrl: string): string {
  return `${payerUrl}/${payerKey(session, subject)}`;
}

/** Where the quote of a link is, for the payer's wallet. */
export const payerQuoteUrl = (link: string): string => `${link}/quote`;

function keyBytes(session: Session, subject: SessionSubject): Uint8Array {
  return labelledMac(
    session.key.quoteAuthentication,
    LABELS.payerLink,
    subject.merchantId,
    subject.transactionNumber,
    subject.quoteHash,
    session.sessionHash,
  ).subarray(0, PAYER_KEY_BYTES);
}

const receiptSchema = message({
  ...header("proof-receipt"),
  transactionNumber: identifier,
  /** The proof's `jti`. */
  paymentId: identifier,
  /** Whether it was the first proof of this number; a further one pays nothing but a refund. */
  first: v.boolean(),
});

/** What whoever forwards a proof is told. */
export interface ProofReceipt {
  readonly transactionNumber: string;
  readonly paymentId: string;
  readonly first: boolean;
}

/** The receipt at the MTS. The same proof gets the same bytes for ever. */
export function createProofReceipt(receipt: ProofReceipt): Uint8Array {
  const { transactionNumber, paymentId, first } = receipt;
  return messageBytes({ v: 1, type: "proof-receipt", transactionNumber, paymentId, first });
}

/**
 * The receipt at the payer's CTS. It is not authenticated and nothing hangs on it but the end of forwarding.
 *
 * @throws {ChitError} `malformed-message`
 */
export function decodeProofReceipt(body: Uint8Array): ProofReceipt {
  const { transactionNumber, paymentId, first } = parseMessage(receiptSchema, body);
  return { transactionNumber, paymentId, first };
}
