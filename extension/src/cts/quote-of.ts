/**
 * A purchase's quote, read from its exact bytes. Every rung of a purchase and every look at it needs the quote, and
 * checking it costs a millisecond or two: what was read lately is kept in memory, by the bytes themselves.
 */
import { decodeQuote, equalBytes, type Quote } from "@chit/protocol";
import { WALLET_LIMITS } from "./limits.ts";
import type { Purchase } from "./records.ts";

interface ReadQuote {
  readonly body: Uint8Array;
  readonly quote: Readonly<Quote>;
}

/** The latest last. Reading depends on nothing but the bytes, so that one memory does for all. */
let lately: readonly ReadQuote[] = [];

/** @throws {ChitError} as `decodeQuote` does, each time */
export function quoteOf({ quote: body }: Pick<Purchase, "quote">): Readonly<Quote> {
  const known = lately.find((one) => equalBytes(one.body, body));
  const read = known ?? { body: body.slice(), quote: Object.freeze(decodeQuote(body)) };
  lately = [...lately.filter((one) => one !== known), read].slice(-WALLET_LIMITS.quotesInMemory);
  return read.quote;
}
