/** What a sale is, as the protocol's messages name it. */
import { decodeQuote, type Quote, utf8 } from "@chit/protocol";
import { MERCHANT_LIMITS } from "../limits.ts";
import { Recent } from "../recent.ts";
import type { OfferedSale, SaleRecord } from "./sale.ts";

/** A quote is read in every step of its sale, and one text is always the same quote. */
const quotes = new Recent<string, Quote>(MERCHANT_LIMITS.recentSales);

/** A sale's quote. It is shared: nobody changes it. */
export function quoteOf({ quote }: Pick<OfferedSale, "quote">): Quote {
  return quotes.of(quote, () => decodeQuote(utf8(quote)));
}

/** A sale's quote with its hash: merchant, number, amount, currency, scale, quote hash. */
export function subjectOf(
  sale: Pick<OfferedSale, "quote" | "quoteHash">,
): Quote & { readonly quoteHash: Uint8Array } {
  return { ...quoteOf(sale), quoteHash: sale.quoteHash };
}

/** What all refund orders of a sale are shares of: the quote's amount, or what a stray payment was. */
export function priceOf(sale: SaleRecord): bigint {
  return sale.state === "stray" ? sale.paid.amount : quoteOf(sale).amount;
}

/**
 * Whether everything that was paid is given back, or on its way: nothing is delivered for it any more. The merchant's word
 * counts, not the TPS's confirmation: goods must not leave between the two.
 */
export function isRefunded(sale: SaleRecord): boolean {
  switch (sale.state) {
    case "quoted":
    case "authenticated":
    case "cancelled":
      return false;
    case "returned":
    case "stray":
      return true;
    case "paid":
    case "delivered": {
      const { accepted } = sale.refund;
      return accepted > 0n && accepted >= priceOf(sale);
    }
  }
}
