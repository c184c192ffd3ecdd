/** What a sale is, as the protocol's messages name it. */
import { decodeQuote, type Quote, utf8 } from "@chit/protocol";
import type { SaleRecord } from "./sale.ts";

/** A sale's quote with its hash: merchant, number, amount, currency, scale, quote hash. */
export function subjectOf(
  sale: Pick<SaleRecord, "quote" | "quoteHash">,
): Quote & { readonly quoteHash: Uint8Array } {
  return { ...decodeQuote(utf8(sale.quote)), quoteHash: sale.quoteHash };
}
