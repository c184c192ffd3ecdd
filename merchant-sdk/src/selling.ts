/** What `sell`, `paywall` and `checkout` take, and how each becomes an offer and a fulfilment. */
import type { Request } from "express";
import { MerchantError } from "./errors.ts";
import type { OfferFor, Seller } from "./express.ts";
import type { Content, Delivery, Fulfil, GoodsLabel, Offer, Price } from "./mts/offer.ts";
import type { Sale } from "./mts/sale-view.ts";

/** One thing for sale. */
export interface SellOptions extends GoodsLabel, Omit<Offer, "goods" | "delivery" | "name"> {
  /** Finds the thing again after a restart; the name unless given. */
  readonly id?: string;
  readonly name: string;
  readonly price?: Price;
  /** A file that stays where it is. */
  readonly file?: string;
  /** The content, or a function that makes it for each sale after payment (a stream, a licence key). */
  readonly content?: Content | ((sale: Sale) => Content | Promise<Content>);
  /** How a physical thing comes, or a function that tells it after payment, address in hand. */
  readonly delivery?: Delivery | ((sale: Sale) => Delivery | Promise<Delivery>);
}

interface PaywallContent {
  readonly id?: string;
  /** Makes the article of a paid sale. A string is HTML unless `mediaType` says otherwise. */
  readonly content: (sale: Sale) => Content | Promise<Content>;
  /** `text/html; charset=utf-8` unless given. */
  readonly mediaType?: string;
}

/**
 * An article for sale, shown in the page that asked: one offer for the route, or `offer`, a function that makes
 * it for each request. The offer's `data` is `{ path, params }` of the request unless given.
 */
export type PaywallOptions = PaywallContent &
  (
    | Omit<Offer, "goods" | "delivery">
    | { readonly offer: (request: Request) => Offer | Promise<Offer> }
  );

/** Goods and delivery after payment. */
export interface CheckoutOptions {
  readonly id?: string;
  readonly fulfil?: Fulfil;
}

/** A thing's offer, and the function that makes what depends on the sale. */
export function offerOf(sold: SellOptions): { offer: Offer; fulfil: Fulfil | undefined } {
  const { id: _, file, content, delivery, filename, mediaType, presentation, ...rest } = sold;
  const label: GoodsLabel = {
    name: sold.name,
    ...(filename === undefined ? {} : { filename }),
    ...(mediaType === undefined ? {} : { mediaType }),
    ...(presentation === undefined ? {} : { presentation }),
  };
  const goods = [
    ...(file === undefined ? [] : [{ ...label, file }]),
    ...(content === undefined || typeof content === "function" ? [] : [{ ...label, content }]),
  ];
  const offer: Offer = {
    ...rest,
    ...(goods.length === 0 ? {} : { goods }),
    ...(delivery === undefined || typeof delivery === "function" ? {} : { delivery }),
  };
  if (typeof content !== "function" && typeof delivery !== "function") {
    return { offer, fulfil: undefined };
  }
  const fulfil: Fulfil = async (sale) => ({
    ...(typeof content === "function"
      ? { goods: [{ ...label, content: await content(sale) }] }
      : {}),
    ...(typeof delivery === "function" ? { delivery: await delivery(sale) } : {}),
  });
  return { offer, fulfil };
}

/**
 * An article's seller: its content is made after payment.
 *
 * @param seller sets it up; `fixed` is what is known of its offers now
 * @throws {MerchantError} `offer-invalid`, and what `seller` throws
 */
export function paywallSeller(
  sold: PaywallOptions,
  seller: (id: string, offer: OfferFor, fulfil: Fulfil, fixed: Offer | undefined) => Seller,
): Seller {
  const { id, content, mediaType = "text/html; charset=utf-8", ...rest } = sold;
  const defaultId = "offer" in rest ? "paywall" : rest.name;
  if (typeof content !== "function") {
    throw new MerchantError(
      "offer-invalid",
      `The paywall "${id ?? defaultId}" needs content: a function that makes the article of a paid sale.`,
    );
  }
  const offer = async (request: Request): Promise<Offer> => {
    const made = "offer" in rest ? await rest.offer(request) : rest;
    return { data: { path: request.path, params: { ...request.params } }, ...made };
  };
  const fulfil: Fulfil = async (sale) => ({
    goods: [{ content: await content(sale), mediaType, presentation: "page" }],
  });
  return seller(id ?? defaultId, offer, fulfil, "offer" in rest ? undefined : rest);
}
