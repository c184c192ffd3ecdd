/** From a basket to an offer, and from a paid sale to its goods: all of the shop that knows the SDK's terms. */
import type { Fulfil, Goods, Offer, OfferLine } from "@chit/merchant";
import { formatDecimal, parseDecimal } from "@chit/protocol";
import * as v from "valibot";
import { LANGUAGES, type Language } from "../language.ts";
import { type Basket, countOf, MOST_PIECES } from "./basket.ts";
import { PRODUCT_IDS, productOf } from "./catalogue.ts";
import type { Stock } from "./stock.ts";
import { shopTexts } from "./texts.ts";

/** Decimals of the smallest unit, as the certificate has them. */
const SCALE = 4;
const POSTAGE = units("4.90");
/** From this value of things to be sent on, postage is free. */
export const FREE_POSTAGE_FROM = "40.00";
/** Two different digital things or more are ten percent cheaper. */
const BUNDLE_FROM = 2;
const BUNDLE_PERCENT = 10n;
const DAY = 86_400;

/** What the shop remembers of a sale; comes back from the store, so it is checked like anything else. */
const saleData = v.strictObject({
  language: v.picklist(LANGUAGES),
  items: v.array(
    v.strictObject({
      id: v.picklist(PRODUCT_IDS),
      quantity: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(MOST_PIECES)),
    }),
  ),
});

/** The lines of a basket: things, bundle discount, postage; and their sum. In smallest units. */
export function linesOf(basket: Basket, language: Language): { lines: OfferLine[]; total: bigint } {
  const t = shopTexts[language];
  const things = basket.map(({ id, quantity }) => {
    const product = productOf(id);
    const price = units(product.price);
    return { product, quantity, price, amount: price * BigInt(quantity) };
  });
  const lines: { description: string; quantity: number; price: bigint }[] = things.map(
    ({ product, quantity, price }) => ({
      description: product.texts[language].name,
      quantity,
      price,
    }),
  );
  const digital = things.filter(({ product }) => product.kind === "digital");
  if (digital.length >= BUNDLE_FROM) {
    const sum = digital.reduce((total, { amount }) => total + amount, 0n);
    lines.push({ description: t.bundle, quantity: 1, price: -(sum * BUNDLE_PERCENT) / 100n });
  }
  const sent = things.filter(({ product }) => product.kind === "physical");
  const value = sent.reduce((total, { amount }) => total + amount, 0n);
  if (sent.length > 0 && value < units(FREE_POSTAGE_FROM)) {
    lines.push({ description: t.postage, quantity: 1, price: POSTAGE });
  }
  const total = lines.reduce((sum, line) => sum + line.price * BigInt(line.quantity), 0n);
  return { lines, total };
}

/** The offer for a basket with something in it. */
export function offerFor(basket: Basket, language: Language): Offer {
  const { lines } = linesOf(basket, language);
  const kinds = new Set(basket.map(({ id }) => productOf(id).kind));
  const [first] = basket;
  const name =
    basket.length === 1 && first !== undefined
      ? productOf(first.id).texts[language].name
      : shopTexts[language].order(countOf(basket));
  const kind = kinds.size > 1 ? "mixed" : kinds.has("physical") ? "physical" : "digital";
  return { name, lines, kind, data: { language, items: basket.map((item) => ({ ...item })) } };
}

/** Makes goods and delivery of a paid sale; may run again after a crash, to the same result. */
export function fulfilFrom(stock: Stock, nowSeconds: () => number): Fulfil {
  return async (sale) => {
    const { language, items } = v.parse(saleData, sale.data);
    const goods: Goods[] = [];
    let sent = false;
    for (const { id } of items) {
      const { kind, texts } = productOf(id);
      if (kind === "physical") sent = true;
      else goods.push({ name: texts[language].name, file: await stock.fileOf(id) });
    }
    const paidAt = sale.paidAt ?? nowSeconds();
    const delivery = {
      text: shopTexts[language].delivery,
      carrier: shopTexts[language].carrier,
      expectedFrom: paidAt + 3 * DAY,
      expectedUntil: paidAt + 5 * DAY,
    };
    return { goods, ...(sent ? { delivery } : {}) };
  };
}

function units(price: string): bigint {
  return parseDecimal(price, SCALE);
}

/** A decimal or smallest units as readers of a language write an amount. */
export function formatPrice(amount: string | bigint, language: Language): string {
  const smallest = typeof amount === "string" ? units(amount) : amount;
  return new Intl.NumberFormat(language, {
    style: "currency",
    currency: "EUR",
    maximumFractionDigits: SCALE,
    minimumFractionDigits: 2,
  }).format(formatDecimal(smallest, SCALE) as `${number}`);
}
