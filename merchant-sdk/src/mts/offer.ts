/** What a merchant's program says about a sale: offers, goods, delivery, prices; and their checking. */
import { basename } from "node:path";
import { ChitError, LIMITS, parseDecimal, type Quote } from "@chit/protocol";
import { MerchantError } from "../errors.ts";
import { MERCHANT_LIMITS } from "../limits.ts";
import { endingOf, mediaTypeOf } from "./media-types.ts";
import type { DeliveryRecord, PromisedGoods } from "./sale.ts";
import type { JsonValue, Sale } from "./sale-view.ts";

/** A decimal string in the certificate's currency (`"4.90"`), or smallest units as bigint. Never a float. */
export type Price = string | bigint;

/** One line of a quote. */
export interface OfferLine {
  readonly description: string;
  /** 1 unless told. */
  readonly quantity?: number;
  /** Of one piece; negative for a discount. */
  readonly price: Price;
}

/** How a digital thing is called and shown. */
export interface GoodsLabel {
  /** As the wallet shows it; the offer's name unless told. */
  readonly name?: string;
  /** As a browser would save it; made from the file or the name unless told. */
  readonly filename?: string;
  /** Found by the file's ending unless told. */
  readonly mediaType?: string;
  /** `save` (default): a file for the shopper; `page`: handed to the page that asked. */
  readonly presentation?: "save" | "page";
}

/** Content in memory or as a stream. A string is UTF-8 text. */
export type Content = Uint8Array | string | AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

/** A digital thing: a file that stays where it is, or content that is copied into the spool directory. */
export type Goods = GoodsLabel & ({ readonly file: string } | { readonly content: Content });

/** How physical goods will come. */
export interface Delivery {
  readonly text: string;
  readonly carrier?: string;
  readonly trackingUrl?: string;
  /** A Date, or seconds since 1970. */
  readonly expectedFrom?: Date | number;
  readonly expectedUntil?: Date | number;
}

/** What fulfilment gives after payment. */
export interface Fulfilment {
  readonly goods?: readonly Goods[];
  readonly delivery?: Delivery;
}

/** Makes the goods of a paid sale. May run again after a crash: `sale.transactionNumber` is the same then. */
export type Fulfil = (sale: Sale) => Fulfilment | Promise<Fulfilment>;

/** What is quoted. Either `price` alone, or `lines`. */
export interface Offer {
  /** Heading of the page, and the text of the only line where `lines` are not given. */
  readonly name: string;
  readonly price?: Price;
  readonly lines?: readonly OfferLine[];
  /** `digital` unless told. */
  readonly kind?: Quote["kind"];
  /** Whether the wallet asks for an address: for `physical` and `mixed` unless told. */
  readonly addressRequired?: boolean;
  /** Whether shoppers are asked to let the shop recognise them; `createMerchant`'s `loyalty` unless told. */
  readonly loyalty?: boolean;
  /** Files and content that are known already. What depends on the sale belongs into `fulfil`. */
  readonly goods?: readonly Goods[];
  /** Delivery information that is known already. */
  readonly delivery?: Delivery;
  /** The merchant's own order number. */
  readonly reference?: string;
  /** Kept with the sale and handed to `fulfil` and to hooks. */
  readonly data?: JsonValue;
  /** One paragraph for the page: what the article is about, what the buyer gets. */
  readonly teaser?: string;
  /** How long the quote holds; 900 unless told, at most a day. */
  readonly quoteLifeSeconds?: number;
}

/**
 * A price in smallest units.
 *
 * @throws {MerchantError} `price-invalid`
 */
export function priceUnits(price: Price, scale: number, what: string): bigint {
  if (typeof price === "bigint") return price;
  if (typeof price !== "string") {
    throw new MerchantError(
      "price-invalid",
      `The price of "${what}" is a ${typeof price}. Write a decimal string such as "4.90" (exact), or a bigint of smallest units.`,
    );
  }
  try {
    return parseDecimal(price, scale);
  } catch (cause) {
    const problem = cause instanceof ChitError ? cause.message : String(cause);
    throw new MerchantError("price-invalid", `The price of "${what}": ${problem}`, { cause });
  }
}

/** The quote's lines in smallest units, and their sum. */
export function quoteLines(offer: Offer, scale: number): { lines: Quote["lines"]; total: bigint } {
  const given = offer.lines ?? (offer.price === undefined ? [] : [singleLine(offer, offer.price)]);
  if (given.length === 0 || (offer.lines !== undefined && offer.price !== undefined)) {
    throw invalid(offer, "give either a price or lines");
  }
  const lines = given.map(({ description, quantity = 1, price }) => ({
    description,
    quantity,
    amount: priceUnits(price, scale, description) * wholeQuantity(offer, quantity),
  }));
  const total = lines.reduce((sum, line) => sum + line.amount, 0n);
  if (total <= 0n)
    throw invalid(offer, "the lines add up to nothing; give free things without a quote");
  return { lines, total };
}

function singleLine(offer: Offer, price: Price): OfferLine {
  return { description: offer.name, price };
}

function wholeQuantity(offer: Offer, quantity: number): bigint {
  if (!Number.isSafeInteger(quantity) || quantity < 1) {
    throw invalid(offer, `the quantity ${quantity} is no whole number from 1 on`);
  }
  return BigInt(quantity);
}

/** Kind and address of an offer, its defaults filled in. */
export function shippingOf(offer: Offer): Pick<Quote, "kind" | "addressRequired"> {
  const kind = offer.kind ?? "digital";
  return { kind, addressRequired: offer.addressRequired ?? kind !== "digital" };
}

/** Refuses an offer that could be paid for and never delivered. */
export function checkDeliverable(offer: Offer, hasFulfil: boolean): void {
  const { kind } = shippingOf(offer);
  if (hasFulfil) return;
  if (kind !== "physical" && (offer.goods ?? []).length === 0) {
    throw invalid(offer, "a digital sale needs goods, or a fulfil function that makes them");
  }
  if (kind !== "digital" && offer.delivery === undefined) {
    throw invalid(offer, "a physical sale needs delivery information, or a fulfil function");
  }
}

/** The merchant's own data as text. */
export function dataText(offer: Offer): string {
  const text = JSON.stringify(offer.data ?? null);
  if (text.length > MERCHANT_LIMITS.dataLength) {
    throw invalid(offer, `data has more than ${MERCHANT_LIMITS.dataLength} characters of JSON`);
  }
  return text;
}

/** Delivery information with times in seconds. */
export function deliveryRecord(delivery: Delivery): DeliveryRecord {
  const { expectedFrom, expectedUntil, ...rest } = delivery;
  return {
    ...rest,
    ...(expectedFrom === undefined ? {} : { expectedFrom: seconds(expectedFrom) }),
    ...(expectedUntil === undefined ? {} : { expectedUntil: seconds(expectedUntil) }),
  };
}

/** A time in whole seconds since 1970. */
export const seconds = (time: Date | number) =>
  time instanceof Date ? Math.floor(time.getTime() / 1_000) : time;

/** A label with everything filled in. */
export function labelGoods(goods: Goods, offerName: string): Omit<PromisedGoods, "place" | "path"> {
  const name = (goods.name ?? offerName).slice(0, LIMITS.lineTextLength);
  const ending = goods.mediaType === undefined ? ".bin" : endingOf(goods.mediaType);
  const filename = fileName(
    goods.filename ?? ("file" in goods ? basename(goods.file) : name + ending),
  );
  return {
    name,
    filename,
    mediaType: goods.mediaType ?? mediaTypeOf(filename),
    presentation: goods.presentation ?? "save",
  };
}

/** A name without a path that every system can save. */
function fileName(name: string): string {
  const safe = name.replace(/[/\\:*?"<>|\p{Cc}]/gu, "_").slice(-LIMITS.lineTextLength);
  return safe.trim() === "" || safe === "." || safe === ".." ? "goods" : safe;
}

function invalid(offer: Offer, problem: string): MerchantError {
  return new MerchantError("offer-invalid", `The offer "${offer.name}": ${problem}.`);
}
