import type { Request } from "express";
import { describe, expect, it } from "vitest";
import { type Basket, changeBasket, readBasket } from "../src/shop/basket.ts";
import { PRODUCTS } from "../src/shop/catalogue.ts";
import { formatPrice, linesOf, offerFor } from "../src/shop/offers.ts";

/** A request of which the basket reads nothing but its cookies. */
const withCookie = (cookie: string) => ({ get: () => cookie }) as unknown as Request;

describe("the basket", () => {
  it("comes back from its cookie among others, in the shop's order", () => {
    expect(readBasket(withCookie("theme=dark; basket=mug:2.book:1; x=y"))).toEqual([
      { id: "book", quantity: 1 },
      { id: "mug", quantity: 2 },
    ]);
  });

  it.each([
    "",
    "basket=",
    "basket=gold:1",
    "basket=mug:0",
    "basket=mug:21",
    "basket=mug:-1",
    "basket=mug:1e1",
  ])("is empty when the cookie is none of ours: %s", (cookie) => {
    expect(readBasket(withCookie(cookie))).toEqual([]);
  });

  it("adds one, sets a number, removes at none, and stops at the most", () => {
    const one = changeBasket([], { id: "mug", quantity: null });
    expect(changeBasket(one, { id: "mug", quantity: null })).toEqual([{ id: "mug", quantity: 2 }]);
    expect(changeBasket(one, { id: "mug", quantity: 0 })).toEqual([]);
    expect(changeBasket([{ id: "mug", quantity: 20 }], { id: "mug", quantity: null })).toEqual([
      { id: "mug", quantity: 20 },
    ]);
  });
});

describe("a basket becomes a quote's lines", () => {
  const total = (basket: Basket) => formatPrice(linesOf(basket, "en").total, "en");

  it("adds postage to things that are sent, up to a value", () => {
    expect(total([{ id: "mug", quantity: 1 }])).toBe("€17.40");
    expect(total([{ id: "mug", quantity: 4 }])).toBe("€50.00");
    expect(total([{ id: "book", quantity: 1 }])).toBe("€4.90");
  });

  it("takes ten percent off two different digital things, exactly", () => {
    const { lines, total: sum } = linesOf(
      [
        { id: "book", quantity: 1 },
        { id: "music", quantity: 1 },
      ],
      "de",
    );
    expect(lines.map(({ price }) => price)).toEqual([49_000n, 12_000n, -6_100n]);
    expect(sum).toBe(54_900n);
  });

  it("is digital, physical or mixed", () => {
    const kindOf = (...ids: Basket[number]["id"][]) =>
      offerFor(
        ids.map((id) => ({ id, quantity: 1 })),
        "en",
      ).kind;
    expect(kindOf("book")).toBe("digital");
    expect(kindOf("mug", "poster")).toBe("physical");
    expect(kindOf("book", "mug")).toBe("mixed");
  });

  it("writes amounts as readers do", () => {
    expect(formatPrice("0.0005", "en")).toBe("€0.0005");
    expect(formatPrice("1234.5", "de").replace(/\s/g, " ")).toBe("1.234,50 €");
  });

  it("has words and a picture for every product in both languages", () => {
    for (const { texts } of PRODUCTS) {
      expect(texts.de.facts).toHaveLength(texts.en.facts.length);
      expect(texts.de.text).not.toBe(texts.en.text);
    }
  });
});
