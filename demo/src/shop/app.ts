/** Paper & Ink: an Express 5 shop that sells through Chit, as its README teaches. */
import { readFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { fileURLToPath } from "node:url";
import {
  createMerchant,
  type Hooks,
  type Logger,
  type Merchant,
  type MerchantOptions,
  sqliteStore,
} from "@chit/merchant";
import express, { type ErrorRequestHandler, type Express, type Request } from "express";
import * as v from "valibot";
import { languageOf } from "../language.ts";
import { basketChange, changeBasket, readBasket, writeBasket } from "./basket.ts";
import { ARTICLE, PRODUCT_IDS, productOf } from "./catalogue.ts";
import { fulfilFrom, offerFor } from "./offers.ts";
import { addOffice } from "./office.ts";
import { basketPage, homePage, howPage, messagePage, productPage, type Visit } from "./pages.ts";
import { ARTICLE_REFERENCE, articleHtml, paymentPage } from "./payment-page.ts";
import { openStock } from "./stock.ts";

/** What the shop is given. */
export interface ShopDeps {
  /** `chit-merchant-keys.json` and `chit-merchant-bundle.json`, or what is in them. */
  readonly keys: MerchantOptions["keys"];
  readonly bundle: MerchantOptions["bundle"];
  /** Where sales and goods are kept. */
  readonly directory: string;
  readonly nowSeconds: () => number;
  /** Where people get the wallet. */
  readonly walletUrl: string;
  readonly hooks?: Hooks;
  readonly logger?: Logger;
}

export interface Shop {
  readonly app: Express;
  readonly merchant: Merchant;
}

const PICTURES = fileURLToPath(new URL("../../goods/pictures/", import.meta.url));
const COVER = fileURLToPath(new URL("../../goods/book/cover.svg", import.meta.url));
const POLICY =
  "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; media-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/** Builds the shop; `merchant.close()` ends it. */
export function createShop(deps: ShopDeps): Shop {
  const { keys, bundle, directory, nowSeconds, walletUrl, hooks, logger } = deps;
  const stock = openStock(`${directory}/stock`);
  const merchant = createMerchant({
    keys,
    bundle,
    store: sqliteStore(`${directory}/sales.db`),
    goodsDirectory: `${directory}/spool`,
    page: paymentPage,
    clock: nowSeconds,
    walletUrl,
    // Refunds go to the operator and settlements come back while somebody looks on; an hour would do elsewhere.
    batches: { everySeconds: 5 },
    ...(hooks === undefined ? {} : { hooks }),
    ...(logger === undefined ? {} : { logger }),
  });

  const app = express();
  app.disable("x-powered-by");
  app.use((_request, response, next) => {
    response.set({
      "content-security-policy": POLICY,
      "referrer-policy": "same-origin",
      "x-content-type-options": "nosniff",
      vary: "Accept-Language, Cookie",
    });
    next();
  });
  app.use(merchant.router());
  addOffice(app, merchant);

  // What costs something.
  const fulfil = fulfilFrom(stock, nowSeconds);
  app.get(
    "/buy/:id",
    knownProduct,
    merchant.checkout(
      (request) => offerFor([{ id: idOf(request), quantity: 1 }], languageOf(request)),
      { id: "one", fulfil },
    ),
  );
  app.get(
    "/checkout",
    (request, response, next) => {
      if (readBasket(request).length === 0) response.redirect(303, "/basket");
      else next();
    },
    merchant.checkout((request) => offerFor(readBasket(request), languageOf(request)), {
      id: "basket",
      fulfil,
    }),
  );
  app.get(
    "/read/the-stall",
    merchant.paywall({
      id: "the-stall",
      offer: (request) => ({
        name: ARTICLE.texts[languageOf(request)].title,
        price: ARTICLE.price,
        reference: ARTICLE_REFERENCE,
        data: languageOf(request),
      }),
      content: (sale) => articleHtml(sale.data === "de" ? "de" : "en"),
    }),
  );

  // What costs nothing.
  app.get("/", (request, response) => void response.send(homePage(visitOf(request))));
  app.get("/goods/:id", knownProduct, (request, response) => {
    response.send(productPage(visitOf(request), productOf(idOf(request))));
  });
  app.get("/basket", (request, response) => {
    response.set("cache-control", "no-store").send(basketPage(visitOf(request)));
  });
  app.post("/basket", express.urlencoded({ limit: "1kb" }), (request, response) => {
    const change = v.parse(basketChange, { ...request.body });
    writeBasket(response, changeBasket(readBasket(request), change));
    response.redirect(303, "/basket");
  });
  app.get("/how-to-pay", (request, response) => {
    response.send(howPage(visitOf(request), walletUrl));
  });
  for (const [path, type, text] of pageFiles()) {
    app.get(path, (_request, response) => void response.type(type).send(text));
  }
  app.get("/pictures/cover.svg", (_request, response) => void response.sendFile(COVER));
  for (const name of ["print.png", "music-sample.wav"] as const) {
    app.get(`/pictures/${name}`, async (_request, response) => {
      response.sendFile(await stock.sampleFile(name), { maxAge: "1h", dotfiles: "allow" });
    });
  }
  app.use("/pictures", express.static(PICTURES, { index: false, maxAge: "1h" }));
  app.use((request, response) => {
    response.status(404).send(messagePage(visitOf(request), "notFound"));
  });
  app.use(broken);
  return { app, merchant };
}

const broken: ErrorRequestHandler = (error: unknown, request, response, _next) => {
  const ours = v.isValiError(error) || (error instanceof Error && "status" in error);
  response.status(ours ? 400 : 500).send(messagePage(visitOf(request), "broken"));
};

const knownProduct: express.RequestHandler = (request, _response, next) => {
  next(v.is(v.picklist(PRODUCT_IDS), request.params.id) ? undefined : "route");
};

function idOf(request: Request): (typeof PRODUCT_IDS)[number] {
  return v.parse(v.picklist(PRODUCT_IDS), request.params.id);
}

function visitOf(request: Request): Visit {
  return { language: languageOf(request), basket: readBasket(request) };
}

function pageFiles(): readonly (readonly [path: string, type: string, text: string])[] {
  const file = (name: string) => readFileSync(new URL(`page/${name}`, import.meta.url), "utf8");
  return [
    ["/shop.css", "text/css", file("shop.css")],
    ["/shop.js", "text/javascript", stripTypeScriptTypes(file("shop.ts"))],
  ];
}
