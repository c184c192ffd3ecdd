/** Offers that cannot be sold: refused when they are set up where they are known then, and closed when asked for. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { readProblem } from "@chit/protocol";
import type { ErrorRequestHandler } from "express";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { createMerchant, MerchantError, memoryStore, type Offer } from "../src/index.ts";
import { EXPRESS, NOW, openShop, type ShopSetup, TestLogger } from "./shop.ts";
import { temporaryDirectory } from "./temporary.ts";
import { call, TestIssuer, TestWallet } from "./world.ts";

type Build = Parameters<typeof openShop>[0];

async function shopWith(build: Build, setup: ShopSetup = {}) {
  const shop = await openShop(build, setup);
  onTestFinished(() => shop.close());
  return shop;
}

const html = { headers: { accept: "text/html" } };
const json = { headers: { accept: "application/json" } };
const textOf = (body: Uint8Array) => new TextDecoder().decode(body);
const goods = [{ content: "Goods!" }];

/** A program without types may give anything. */
const WRONG: readonly (readonly [what: string, offer: object, code: string])[] = [
  ["a float as price", { price: 4.9, goods }, "price-invalid"],
  ["a comma in its price", { price: "4,90", goods }, "price-invalid"],
  ["too many decimals", { price: "0.00001", goods }, "price-invalid"],
  ["NaN as price", { price: Number.NaN, goods }, "price-invalid"],
  ["nothing as price", { price: "0", goods }, "offer-invalid"],
  ["less than nothing as price", { price: "-1", goods }, "offer-invalid"],
  ["too high a price", { price: 2n ** 63n, goods }, "offer-invalid"],
  ["neither price nor lines", { goods }, "offer-invalid"],
  ["half a piece", { lines: [{ description: "x", quantity: 0.5, price: "1" }], goods }, "offer-"],
  ["controls in its name", { name: "A\u0007B", price: "1", goods }, "offer-invalid"],
  ["a direction override in its name", { name: "A\u202eB", price: "1", goods }, "offer-invalid"],
  ["a blank name", { name: "  ", price: "1", goods }, "offer-invalid"],
  ["no goods", { price: "1" }, "offer-invalid"],
  ["no delivery", { price: "1", kind: "physical" }, "offer-invalid"],
  [
    "a delivery text that is too long",
    { price: "1", kind: "physical", delivery: { text: "x".repeat(501) } },
    "offer-invalid",
  ],
  [
    "a tracking URL that is none",
    { price: "1", kind: "physical", delivery: { text: "x", trackingUrl: "x" } },
    "offer-invalid",
  ],
  [
    "a media type that is none",
    { price: "1", goods: [{ content: "x", mediaType: "epub" }] },
    "offer-invalid",
  ],
  [
    "a file name that reads backwards",
    { price: "1", goods: [{ content: "x", filename: "a\u202efdp.exe" }] },
    "offer-invalid",
  ],
  ["an address for a download", { price: "1", goods, addressRequired: true }, "offer-invalid"],
  ["a week to pay", { price: "1", goods, quoteLifeSeconds: 604_800 }, "offer-invalid"],
  ["data that is no JSON", { price: "1", goods, data: 1n }, "offer-invalid"],
];

describe.each(WRONG)("an offer with %s", (_what, wrong, code) => {
  const offer = { name: "B", ...wrong } as Offer;

  test("is refused when it is set up", async () => {
    await shopWith((_app, merchant) => {
      const refused = expect.objectContaining({
        name: "MerchantError",
        code: expect.stringContaining(code),
      });
      expect(() => merchant.checkout(offer)).toThrow(refused);
      expect(() => merchant.attachQuote(offer)).toThrow(refused);
      // Nothing of it is left: the id is free for the mended one.
      const fulfil = () => ({ goods });
      merchant.checkout({ name: "Mended", price: "1" }, { id: offer.name, fulfil });
    });
  });

  test.each(EXPRESS)("of a function is closed when asked for, on %s", async (_name, express) => {
    const shop = await shopWith(
      (app, merchant) => {
        app.use(merchant.router());
        app.get(
          "/x",
          merchant.checkout(() => offer),
        );
      },
      { express },
    );
    const page = await call(`${shop.origin}/x`, html);
    expect(page.status).toBe(503);
    expect(page.headers.get("link")).toBeNull();
    expect(textOf(page.body)).not.toContain("Goods!");
    expect(readProblem((await call(`${shop.origin}/x`, json)).body)?.code).toBe("unavailable");
    expect(shop.logger.text).toContain(code);
  });
});

describe("what is set up", () => {
  test("by sell and paywall is checked as well", async () => {
    await shopWith((_app, merchant) => {
      const codeOf = (work: () => unknown) => {
        try {
          work();
        } catch (error) {
          return error instanceof MerchantError ? error.code : String(error);
        }
        return "none";
      };
      const content = () => "<p>";
      expect(codeOf(() => merchant.sell({ name: "A", price: "4,90", content }))).toBe(
        "price-invalid",
      );
      expect(codeOf(() => merchant.sell({ name: "A", price: "4.90" }))).toBe("offer-invalid");
      expect(codeOf(() => merchant.paywall({ name: "A", price: "0,20", content }))).toBe(
        "price-invalid",
      );
      const article = { name: "A", price: "0.20" } as Parameters<typeof merchant.paywall>[0];
      expect(codeOf(() => merchant.paywall(article))).toBe("offer-invalid");
      expect(codeOf(() => merchant.paywall({ name: "A", price: "0.20", content }))).toBe("none");
    });
  });

  test("is checked in what needs no certificate where that has run out", async () => {
    const { keys, bundle } = await new TestIssuer(NOW).merchant(["https://shop.example"], NOW - 9);
    const merchant = createMerchant({
      keys,
      bundle,
      store: memoryStore(),
      background: false,
      clock: () => NOW + 1_000,
      logger: new TestLogger(),
    });
    onTestFinished(() => merchant.close());
    expect(() => merchant.checkout({ name: "A", price: "4,90", goods })).toThrow(MerchantError);
    expect(() => merchant.checkout({ name: "A", price: "4.90" })).toThrow(MerchantError);
    merchant.checkout({ name: "A", price: "4.90", goods });
  });

  test("with a file that is not there is logged, closed, and sold once it is", async () => {
    const file = join(temporaryDirectory(), "book.epub");
    const shop = await shopWith((app, merchant) => {
      app.use(merchant.router());
      app.get("/book", merchant.sell({ name: "The book", price: "4.90", file }));
    });
    await vi.waitFor(() => expect(shop.logger.text).toContain("error A file that is for sale"));
    expect(shop.logger.text).toContain("goods-unreadable");
    expect((await call(`${shop.origin}/book`, html)).status).toBe(503);
    writeFileSync(file, "Goods!");
    const wallet = await TestWallet.visit(shop.issuer, `${shop.origin}/book`);
    await wallet.initiate();
    await wallet.pay();
    expect(textOf(await wallet.fetchGoods())).toBe("Goods!");
  });
});

test("a page sold without merchant.router() is warned of once, one with it never", async () => {
  const offer = { name: "B", price: "1", goods };
  const without = await shopWith((app, merchant) => {
    app.get("/book", merchant.checkout(offer));
    app.get("/own", merchant.attachQuote(offer), (_request, response) => response.send("Pay."));
  });
  expect(without.logger.text).toBe("");
  for (const path of ["/book", "/own", "/book"]) await call(`${without.origin}${path}`, html);
  expect(without.logger.lines).toEqual([
    expect.stringMatching(/^warn .*app\.use\(merchant\.router\(\)\).* or ignore this if another/),
  ]);
  const shop = await shopWith((app, merchant) => {
    app.get("/book", merchant.checkout(offer));
    app.use(merchant.router());
  });
  expect((await call(`${shop.origin}/book`, html)).status).toBe(402);
  expect(shop.logger.text).toBe("");
});

test.each(EXPRESS)(
  "a page of the merchant's own is not reached when its quote fails: the answer is a sale's, on %s",
  async (_name, express) => {
    const shop = await shopWith(
      (app, merchant) => {
        app.use(merchant.router());
        const offer = { name: "Invoice 7", price: "20", goods: [{ file: "/nowhere" }] };
        app.get("/invoice", merchant.attachQuote(offer), (_request, response) => {
          response.send("Goods!");
        });
        app.get("/sale", merchant.checkout(offer));
        app.use(((_error, _request, response, _next) => {
          response.status(500).send("stack");
        }) satisfies ErrorRequestHandler);
      },
      { express },
    );
    for (const accept of ["text/html", "application/json"]) {
      const own = await call(`${shop.origin}/invoice`, { headers: { accept } });
      const sale = await call(`${shop.origin}/sale`, { headers: { accept } });
      expect(own.status).toBe(503);
      expect(textOf(own.body)).toBe(textOf(sale.body));
      for (const name of ["content-type", "cache-control", "vary", "retry-after", "link"]) {
        expect(own.headers.get(name)).toBe(sale.headers.get(name));
      }
    }
    expect(shop.logger.text).toContain("goods-unreadable");
  },
);
