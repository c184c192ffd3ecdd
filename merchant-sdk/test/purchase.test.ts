import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { EXPRESS, openShop } from "./shop.ts";
import { ADDRESS, TestWallet } from "./world.ts";

describe.each(EXPRESS)("a purchase on %s", (_name, express) => {
  async function shopWith(...[build, setup]: Parameters<typeof openShop>) {
    const shop = await openShop(build, { express, ...setup });
    onTestFinished(() => shop.close());
    return shop;
  }

  test("of a file goes from the page to the goods", async () => {
    const shop = await shopWith((app, merchant, { directory }) => {
      writeFileSync(join(directory, "book.epub"), "Call me a chit.");
      app.use(merchant.router());
      app.get(
        "/buy/ebook",
        merchant.sell({ name: "The book", price: "4.90", file: join(directory, "book.epub") }),
      );
    });
    const wallet = await TestWallet.visit(shop.issuer, `${shop.origin}/buy/ebook`);
    expect(wallet.verified.quote).toMatchObject({ amount: 49_000n, kind: "digital" });
    await wallet.initiate();
    const advice = await wallet.pay();
    expect(advice).toMatchObject({
      goods: [{ name: "The book", filename: "book.epub", mediaType: "application/epub+zip" }],
      delivery: null,
    });
    expect(new TextDecoder().decode(await wallet.fetchGoods())).toBe("Call me a chit.");
    expect(await shop.merchant.sale(wallet.subject.transactionNumber)).toMatchObject({
      state: "delivered",
      total: "4.90",
    });
  });

  test("of an article hands the page its content", async () => {
    const shop = await shopWith((app, merchant) => {
      app.use(merchant.router());
      app.get(
        "/articles/:slug",
        merchant.paywall({
          offer: (request) => ({ name: `About ${request.params.slug}`, price: "0.0005" }),
          content: ({ data }) => `<p>${JSON.stringify(data)}</p>`,
        }),
      );
    });
    const wallet = await TestWallet.visit(shop.issuer, `${shop.origin}/articles/chits`);
    await wallet.initiate();
    expect((await wallet.pay()).goods[0]).toMatchObject({
      presentation: "page",
      mediaType: "text/html; charset=utf-8",
      filename: "About chits.html",
    });
    expect(new TextDecoder().decode(await wallet.fetchGoods())).toBe(
      '<p>{"path":"/articles/chits","params":{"slug":"chits"}}</p>',
    );
  });

  test("of a mixed cart has lines, a discount, shipping, an address and goods", async () => {
    const shop = await shopWith((app, merchant) => {
      app.use(merchant.router());
      app.get(
        "/cart",
        merchant.checkout(
          () => ({
            name: "Your cart",
            kind: "mixed",
            lines: [
              { description: "Mug", quantity: 2, price: "12.00" },
              { description: "Sheet music", price: 25_000n },
              { description: "Discount", price: "-1.50" },
              { description: "Shipping", price: "3.99" },
            ],
            goods: [{ content: "la la la", filename: "song.txt" }],
            reference: "order-7",
          }),
          {
            id: "cart",
            fulfil: ({ address }) => ({ delivery: { text: `By post to ${address?.city}.` } }),
          },
        ),
      );
    });
    const wallet = await TestWallet.visit(shop.issuer, `${shop.origin}/cart`);
    expect(wallet.verified.quote).toMatchObject({
      amount: 289_900n,
      kind: "mixed",
      addressRequired: true,
    });
    await wallet.initiate(ADDRESS);
    expect((await wallet.pay()).delivery).toEqual({ text: "By post to Berlin." });
    expect(new TextDecoder().decode(await wallet.fetchGoods())).toBe("la la la");
    const [sale] = await shop.merchant.sales({ states: ["delivered"] });
    expect(sale).toMatchObject({ reference: "order-7", address: ADDRESS });
  });
});
