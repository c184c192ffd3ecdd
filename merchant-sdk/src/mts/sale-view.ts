/** A sale as the merchant's functions see it. */
import { type Address, formatDecimal, type Quote, type RefundReason } from "@chit/protocol";
import { noRefund, type RefundRecord } from "./refund-record.ts";
import {
  type OfferedSale,
  paymentsOf,
  type SaleRecord,
  type SaleState,
  sessionOf,
} from "./sale.ts";
import { quoteOf } from "./subject.ts";

/** Anything that JSON can hold. */
export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue };

/** How a sale's refund stands. Amounts in smallest units, of the price, by now. */
export interface SaleRefund {
  /** `none`, `asked` (and open), `accepted` (in full or part; or given unasked), `refused`. */
  readonly decision: RefundRecord["decision"];
  /** What the shopper asked for last. */
  readonly asked: {
    readonly reason: RefundReason;
    readonly text: string | null;
    /** Null: all of it. */
    readonly amount: bigint | null;
    readonly at: number;
  } | null;
  /** What is given back by the merchant's word. */
  readonly accepted: bigint;
  /** What the TPS has confirmed of it. */
  readonly given: bigint;
  /** The merchant's words to the shopper. */
  readonly message: string | null;
  /** When it last changed, in seconds. */
  readonly at: number | null;
  /** The refund orders, oldest first; several where payments came one after the other. */
  readonly orders: RefundRecord["orders"];
}

/** A sale as the merchant's functions see it. */
export interface Sale {
  readonly transactionNumber: string;
  readonly state: SaleState;
  /** Empty, like `lines`, where somebody paid for a number that the shop does not know (state `stray`). */
  readonly sellerId: string;
  readonly reference: string | null;
  readonly data: JsonValue;
  /** Smallest units of `currency` at `scale` decimals. */
  readonly amount: bigint;
  /** The same as a decimal, such as `4.90`. */
  readonly total: string;
  readonly currency: string;
  readonly scale: number;
  readonly lines: Quote["lines"];
  readonly kind: Quote["kind"];
  readonly address: Address | null;
  /** The same text for every purchase of one shopper who lets this shop recognise them; null by default. */
  readonly loyalty: string | null;
  /** Seconds. */
  readonly issuedAt: number;
  readonly expiresAt: number;
  readonly paidAt: number | null;
  /** Every payment that arrived, by its name at the TPS; more than one when somebody paid twice. */
  readonly payments: readonly { readonly jti: string; readonly at: number }[];
  readonly refund: SaleRefund;
}

/** The merchant's view of a stored sale: a copy, for its program may do with it what it likes. */
export function viewSale(record: SaleRecord): Sale {
  const payments = paymentsOf(record).map(({ jti, at }) => ({ jti, at }));
  const session = sessionOf(record);
  return {
    transactionNumber: record.transactionNumber,
    state: record.state,
    ...(record.state === "stray" ? viewStray(record) : viewOffer(record)),
    address: structuredClone(session?.address ?? null),
    loyalty: session?.loyalty ?? null,
    issuedAt: record.issuedAt,
    expiresAt: record.expiresAt,
    paidAt: payments[0]?.at ?? null,
    payments,
    refund: structuredClone(viewRefund("refund" in record ? record.refund : noRefund)),
  };
}

type OfferView = Pick<
  Sale,
  "sellerId" | "reference" | "data" | "amount" | "total" | "currency" | "scale" | "lines" | "kind"
>;

function viewOffer(record: OfferedSale): OfferView {
  const quote = quoteOf(record);
  return {
    sellerId: record.sellerId,
    reference: record.reference,
    data: JSON.parse(record.data) as JsonValue,
    amount: quote.amount,
    total: formatDecimal(quote.amount, quote.scale),
    currency: quote.currency,
    scale: quote.scale,
    lines: quote.lines.map((line) => ({ ...line })),
    kind: quote.kind,
  };
}

function viewStray({ paid }: Extract<SaleRecord, { state: "stray" }>): OfferView {
  const { amount, currency, scale } = paid;
  const total = formatDecimal(amount, scale);
  const known = { sellerId: "", reference: null, data: null, lines: [] };
  return { ...known, kind: "digital", amount, total, currency, scale };
}

function viewRefund({ requests: _, asked, ...refund }: RefundRecord): SaleRefund {
  if (asked === null) return { ...refund, asked };
  const { reason, text, amount, at } = asked;
  return { ...refund, asked: { reason, text, amount, at } };
}
