/** Pages and endpoints as browsers, wallets, API clients and proxies meet them. */
import { request as httpRequest } from "node:http";
import { readProblem } from "@chit/protocol";
import express5 from "express";
import { describe, expect, onTestFinished, test } from "vitest";
import { EXPRESS, openShop, type ShopSetup } from "./shop.ts";
import { call, post, TestWallet } from "./world.ts";

type Build = Parameters<typeof openShop>[0];

async function shopWith(build: Build, setup: ShopSetup = {}) {
  const shop = await openShop(build, setup);
  onTestFinished(() => shop.close());
  return shop;
}

const book: Build = (app, merchant) => {
  app.use(merchant.router());
  app.get("/book", merchant.sell({ name: "The book", price: "4.90", content: "Goods!" }));
};

const textOf = (body: Uint8Array) => new TextDecoder().decode(body);
const html = { headers: { accept: "text/html" } };

describe.each(EXPRESS)("the page on %s", (_name, express) => {
  test("is a 402 with the pointer twice, kept by nobody, closed to scripts from elsewhere", async () => {
    const shop = await shopWith(book, { express });
    const page = await call(`${shop.origin}/book`, html);
    expect(page.status).toBe(402);
    const url = /<([^>]+)>; rel="payment-quote"/.exec(page.headers.get("link") ?? "")?.[1] ?? "";
    expect(new URL(url).origin).toBe(shop.origin);
    expect(textOf(page.body)).toContain(`<link rel="payment-quote" href="${url}">`);
    expect(page.headers.get("cache-control")).toBe("no-store");
    expect(page.headers.get("content-type")).toBe("text/html; charset=utf-8");
    expect(page.headers.get("vary")).toBe("Accept, Accept-Language");
    const policy = page.headers.get("content-security-policy") ?? "";
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toContain("unsafe");
    expect(textOf(page.body)).not.toContain("Goods!");
    const quote = await call(url);
    expect(quote.headers.get("cache-control")).toBe("no-store");
    expect(quote.headers.get("access-control-allow-origin")).toBe("*");
    expect(quote.headers.get("access-control-allow-credentials")).toBeNull();
  });

  test("speaks German where German is preferred, with amounts as Germans write them", async () => {
    const shop = await shopWith(book, { express });
    const headers = { accept: "text/html", "accept-language": "de-AT,de;q=0.9,en;q=0.5" };
    const german = textOf((await call(`${shop.origin}/book`, { headers })).body);
    expect(german).toContain('<html lang="de">');
    expect(german).toContain("4,90\u00a0€");
    const english = textOf((await call(`${shop.origin}/book`, html)).body);
    expect(english).toContain("€4.90");
  });

  test("is JSON for a program", async () => {
    const shop = await shopWith(book, { express });
    const headers = { accept: "application/json" };
    const reply = await call(`${shop.origin}/book`, { headers });
    expect(reply.status).toBe(402);
    const body = JSON.parse(textOf(reply.body));
    expect(body).toMatchObject({ type: "payment-required", amount: "49000", currency: "EUR" });
    await TestWallet.open(shop.issuer, body.quoteUrl, shop.origin);
  });

  test("answers HEAD without making a quote", async () => {
    const shop = await shopWith(book, { express });
    const reply = await call(`${shop.origin}/book`, { method: "HEAD" });
    expect(reply.status).toBe(402);
    expect(await shop.merchant.sales()).toHaveLength(0);
  });

  test("threat 20: a page for sale makes hostile text inert", async () => {
    const name = `</title><script>alert(1)</script>"'><img src=x onerror=alert(2)>\``;
    const shop = await shopWith(
      (app, merchant) => {
        app.use(merchant.router());
        app.get("/x", merchant.sell({ name, price: "1", content: "x", teaser: name }));
      },
      { express },
    );
    const page = textOf((await call(`${shop.origin}/x`, html)).body);
    expect(page).not.toContain("<script>");
    expect(page).not.toContain("<img");
    expect(page.match(/&#60;script&#62;/g)?.length).toBeGreaterThan(3);
  });
});

describe("nothing is sold, and no goods leave, when", () => {
  const expectClosed = async (shop: Awaited<ReturnType<typeof shopWith>>, code: string) => {
    const page = await call(`${shop.origin}/book`, html);
    expect(page.status).toBe(503);
    expect(page.headers.get("link")).toBeNull();
    expect(page.headers.get("cache-control")).toBe("no-store");
    expect(textOf(page.body)).not.toContain("Goods!");
    expect(shop.logger.text).toContain(code);
    const headers = { accept: "application/json" };
    const json = await call(`${shop.origin}/book`, { headers });
    expect(json.headers.get("content-type")).toBe("application/problem+json");
    return readProblem(json.body)?.code;
  };

  test("the certificate has expired", async () => {
    const shop = await shopWith(book);
    shop.time.now += 31_536_000 - 10;
    expect((await call(`${shop.origin}/book`, html)).status).toBe(402);
    shop.time.now += 100;
    expect(await expectClosed(shop, "renew it")).toBe("certificate-expired");
  });

  test("the clock stands before the certificate", async () => {
    const shop = await shopWith(book);
    shop.time.now -= 2_000;
    expect(await expectClosed(shop, "clock is probably slow")).toBe("certificate-expired");
  });

  test("the shop is called by an origin that is not certified", async () => {
    const shop = await shopWith(book, { origins: () => ["https://shop.example"] });
    expect(await expectClosed(shop, "trust proxy")).toBe("unavailable");
  });

  test("the store fails", async () => {
    const shop = await shopWith(book);
    await shop.merchant.close();
    const broken = await shopWith(book, {
      options: {
        store: {
          ...(await import("../src/index.ts")).memoryStore(),
          insert: () => Promise.reject(new Error("disk full")),
        },
      },
    });
    expect(await expectClosed(broken, "disk full")).toBe("unavailable");
  });

  test("the file of goods is not there", async () => {
    const shop = await shopWith((app, merchant) => {
      app.use(merchant.router());
      app.get("/book", merchant.sell({ name: "B", price: "1", file: "/nowhere/book.epub" }));
    });
    expect(await expectClosed(shop, "goods-unreadable")).toBe("unavailable");
  });

  test("the offer function throws", async () => {
    const shop = await shopWith((app, merchant) => {
      app.use(merchant.router());
      app.get(
        "/book",
        merchant.checkout(() => {
          throw new Error("cart is gone");
        }),
      );
    });
    expect(await expectClosed(shop, "cart is gone")).toBe("unavailable");
  });
});

describe("the endpoints", () => {
  test("answer preflights and other methods", async () => {
    const shop = await shopWith(book);
    const preflight = await call(`${shop.origin}/chit/session`, { method: "OPTIONS" });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get("access-control-allow-origin")).toBe("*");
    expect(preflight.headers.get("access-control-allow-methods")).toContain("POST");
    const get = await call(`${shop.origin}/chit/session`);
    expect([get.status, get.problem]).toEqual([405, "method-not-allowed"]);
    expect(get.headers.get("allow")).toBe("POST, OPTIONS");
    expect((await call(`${shop.origin}/chit/nothing`)).status).toBe(404);
    const unknown = await call(`${shop.origin}/chit/quotes/AAAAAAAAAAAAAAAAAAAAAA`);
    expect([unknown.status, unknown.problem]).toEqual([404, "transaction-unknown"]);
    expect((await call(`${shop.origin}/chit/quotes/%00'--`)).status).toBe(404);
  });

  test("give an expired quote no more", async () => {
    const shop = await shopWith(book);
    const wallet = await TestWallet.visit(shop.issuer, `${shop.origin}/book`);
    shop.time.now += 901;
    const url = `${shop.origin}/chit/quotes/${wallet.subject.transactionNumber}`;
    expect((await call(url)).problem).toBe("quote-expired");
  });

  test("serve the pages' script and style", async () => {
    const shop = await shopWith(book);
    const script = await call(`${shop.origin}/chit/page.js`);
    expect(script.headers.get("content-type")).toBe("text/javascript; charset=utf-8");
    // Parses as a script, with no trace of TypeScript left in it.
    expect(() => new Function(textOf(script.body))).not.toThrow();
    expect(textOf(script.body)).toContain("chit-goods");
    const style = await call(`${shop.origin}/chit/page.css`);
    expect(style.headers.get("content-type")).toBe("text/css; charset=utf-8");
  });

  test.each(EXPRESS)(
    "work behind body parsers that keep the bytes, on %s",
    async (_name, express) => {
      const shop = await shopWith(
        (app, merchant) => {
          app.use(express5.raw({ type: () => true }));
          book(app, merchant, { directory: "" });
        },
        { express },
      );
      const wallet = await TestWallet.visit(shop.issuer, `${shop.origin}/book`);
      await wallet.initiate();
      await wallet.pay();
      expect(textOf(await wallet.fetchGoods())).toBe("Goods!");
    },
  );

  test.each(EXPRESS)(
    "say what to do behind a parser that ate the bytes, on %s",
    async (_name, express) => {
      const shop = await shopWith(
        (app, merchant) => {
          app.use(express.json());
          book(app, merchant, { directory: "" });
        },
        { express },
      );
      const wallet = await TestWallet.visit(shop.issuer, `${shop.origin}/book`);
      const body = Uint8Array.from(await wallet.prepareSession());
      // Without a content type, as the wallet sends it, express.json() leaves the body alone.
      expect((await post(wallet.verified.quote.sessionUrl, body)).status).toBe(200);
      const eaten = await call(wallet.verified.quote.sessionUrl, {
        method: "POST",
        body,
        headers: { "content-type": "application/json" },
      });
      expect([eaten.status, eaten.problem]).toEqual([500, "body-already-read"]);
      expect(readProblem(eaten.body)?.detail).toContain("before express.json()");
    },
  );

  test("threat 23: the shop stops reading an endless body", async () => {
    const shop = await shopWith(book);
    const status = await new Promise((resolve, reject) => {
      const request = httpRequest(`${shop.origin}/chit/goods`, { method: "POST" }, (response) => {
        response.resume();
        resolve(response.statusCode);
        request.destroy();
      });
      request.on("error", reject);
      request.write(Buffer.alloc(3_000));
    });
    expect(status).toBe(413);
  });
});

describe("addresses", () => {
  test.each(EXPRESS)("come from the proxy where it is trusted, on %s", async (_name, express) => {
    const shop = await shopWith(
      (app, merchant, context) => {
        app.set("trust proxy", "loopback");
        book(app, merchant, context);
      },
      { express, origins: () => ["https://shop.example"] },
    );
    const page = await call(`${shop.origin}/book`, {
      headers: {
        accept: "text/html",
        "x-forwarded-proto": "https",
        "x-forwarded-host": "Shop.Example:443",
      },
    });
    expect(page.status).toBe(402);
    expect(page.headers.get("link")).toContain("<https://shop.example/chit/quotes/");
  });

  test("of a proxy that is not trusted are not believed", async () => {
    const shop = await shopWith(book);
    const page = await call(`${shop.origin}/book`, {
      headers: { accept: "text/html", "x-forwarded-host": "evil.example" },
    });
    expect(page.headers.get("link")).toContain(`<${shop.origin}/chit/`);
  });

  test("come from baseUrl with its path, and mountPath, where they are given", async () => {
    const shop = await shopWith(book, {
      origins: () => ["https://shop.example"],
      options: { baseUrl: "https://shop.example/store/", mountPath: "pay/chit/" },
    });
    const page = await call(`${shop.origin}/book`, html);
    expect(page.headers.get("link")).toContain("<https://shop.example/store/pay/chit/quotes/");
    // Whether the proxy strips its path or not.
    for (const path of ["/pay/chit/page.js", "/store/pay/chit/page.js"]) {
      expect((await call(shop.origin + path)).status).toBe(200);
    }
  });

  test("below another mount are told to the developer", async () => {
    const shop = await shopWith((app, merchant) => {
      app.use("/shop", merchant.router());
    });
    expect((await call(`${shop.origin}/shop/chit/page.js`)).status).toBe(404);
    expect(shop.logger.text).toContain('mountPath: \\"/shop\\"'.replaceAll("\\", ""));
  });

  test("below a router of its own work with mountPath", async () => {
    const shop = await shopWith(
      (app, merchant) => {
        const router = express5.Router();
        router.use("/pay", merchant.router());
        app.use("/shop", router);
        app.get("/book", merchant.sell({ name: "B", price: "1", content: "Goods!" }));
      },
      { options: { mountPath: "/shop/pay" } },
    );
    const wallet = await TestWallet.visit(shop.issuer, `${shop.origin}/book`);
    await wallet.initiate();
    await wallet.pay();
    expect(textOf(await wallet.fetchGoods())).toBe("Goods!");
  });
});

describe("a page of the merchant's own", () => {
  test("is made by a template", async () => {
    const page = ({ head, total, lines }: { head: string; total: string; lines: object }) =>
      `<head>${head}</head>${total} ${JSON.stringify(lines)}`;
    const shop = await shopWith(book, { options: { page } });
    const reply = await call(`${shop.origin}/book`, html);
    expect(textOf(reply.body)).toContain('rel="payment-quote"');
    expect(textOf(reply.body)).toContain("€4.90");
    expect(reply.headers.get("content-security-policy")).toBeNull();
  });

  test("carries the pointer of an attached quote, status and all its own", async () => {
    const shop = await shopWith((app, merchant) => {
      app.use(merchant.router());
      const offer = { name: "Invoice 7", price: "20", goods: [{ content: "Goods!" }] };
      app.get("/invoice", merchant.attachQuote(offer), (_request, response) => {
        response.send(`<head>${response.locals.chit.head}</head>Please pay.`);
      });
    });
    const reply = await call(`${shop.origin}/invoice`, html);
    expect(reply.status).toBe(200);
    expect(textOf(reply.body)).toMatch(/<link rel="payment-quote" href="[^"]+">.*Please pay/);
    const wallet = await TestWallet.visit(shop.issuer, `${shop.origin}/invoice`);
    await wallet.initiate();
    await wallet.pay();
    expect(textOf(await wallet.fetchGoods())).toBe("Goods!");
  });
});
