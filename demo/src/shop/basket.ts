/**
 * The basket: `book:1.mug:2` in a cookie of the shopper's, so that the shop keeps nothing. Every change is a
 * form; no script is needed.
 */
import type { Request, Response } from "express";
import * as v from "valibot";
import { PRODUCT_IDS, type ProductId } from "./catalogue.ts";

/** Pieces of one product: more is no private order. */
export const MOST_PIECES = 20;
const BASKET_COOKIE = "basket";

export interface BasketItem {
  readonly id: ProductId;
  readonly quantity: number;
}
export type Basket = readonly BasketItem[];

const item = v.pipe(
  v.string(),
  v.regex(/^[a-z]+:[1-9]\d?$/),
  v.transform((text) => text.split(":")),
  v.tuple([
    v.picklist(PRODUCT_IDS),
    v.pipe(v.string(), v.transform(Number), v.maxValue(MOST_PIECES)),
  ]),
);
const cookie = v.pipe(
  v.string(),
  v.maxLength(200),
  v.transform((text) => text.split(".")),
  v.array(item),
);

/** A change of the basket, as a form sends it: a product's new number of pieces, or one more of it. */
export const basketChange = v.strictObject({
  id: v.picklist(PRODUCT_IDS),
  quantity: v.pipe(
    v.string(),
    v.regex(/^(\+1|\d{1,2})$/),
    v.transform((text) => (text === "+1" ? null : Math.min(Number(text), MOST_PIECES))),
  ),
});
export type BasketChange = v.InferOutput<typeof basketChange>;

/** The basket of a request; a cookie that we did not write is an empty one. */
export function readBasket(request: Request): Basket {
  const pair = (request.get("cookie") ?? "")
    .split(/;\s*/)
    .find((text) => text.startsWith(`${BASKET_COOKIE}=`));
  const read = v.safeParse(cookie, pair?.slice(BASKET_COOKIE.length + 1) ?? "");
  if (!read.success) return [];
  const found = new Map(read.output);
  return PRODUCT_IDS.flatMap((id) => {
    const quantity = found.get(id);
    return quantity === undefined ? [] : [{ id, quantity }];
  });
}

/** The basket after a change. */
export function changeBasket(basket: Basket, { id, quantity }: BasketChange): Basket {
  const before = basket.find((candidate) => candidate.id === id)?.quantity ?? 0;
  const after = quantity ?? Math.min(before + 1, MOST_PIECES);
  const others = basket.filter((candidate) => candidate.id !== id);
  return after === 0 ? others : [...others, { id, quantity: after }];
}

/** Hands the basket to the browser. A script may read it: to empty it when its purchase is complete. */
export function writeBasket(response: Response, basket: Basket): void {
  const text = basket.map(({ id, quantity }) => `${id}:${quantity}`).join(".");
  response.cookie(BASKET_COOKIE, text, { sameSite: "lax", path: "/", encode: String });
}

/** How many things are in it. */
export function countOf(basket: Basket): number {
  return basket.reduce((sum, { quantity }) => sum + quantity, 0);
}
