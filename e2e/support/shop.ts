/** A small shop with one thing of each kind, certified by the TPS, behind a line of its own. */
import { createHash, randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  createMerchant,
  type Logger,
  type Merchant,
  memoryStore,
  type Offer,
  sqliteStore,
} from "@chit/merchant";
import { createApplication, SUITE, toBase64url } from "@chit/protocol";
import { nodeCrypto, nodeOpeningKey, nodeSigner } from "@chit/protocol/node";
import { approveMerchant, type RunningTps, registerApplication } from "@chit/tps-server";
import express from "express";
import { type Line, openLine } from "./line.ts";

/** The e-book's bytes: more than one chunk of goods. */
export const BOOK = Buffer.alloc(300_000, "All that glisters is not gold. ");
export const BOOK_SHA256 = createHash("sha256").update(BOOK).digest("hex");
/** Goods of several runs of chunks, for downloads that break. */
export const FILM = randomBytes(3_000_000);
const SHOP_NAME = "Paper & Ink";

export interface Shop {
  readonly origin: string;
  readonly merchant: Merchant;
  readonly merchantId: string;
  /** The private half of the certified key, for recordings: 32 bytes, base64url. */
  readonly sealingKey: string;
  /** Everything that goes to the shop goes over it. */
  readonly line: Line;
  /** Puts a page of the test's own at an address. */
  publish(path: string, html: string): void;
  /** Puts up a page with a quote that stays the same each time it is opened. */
  publishQuote(path: string, offer: Offer): Promise<void>;
  close(): Promise<void>;
}

export interface ShopOptions {
  readonly name?: string;
  /** Origins of the certificate, when they are not the shop's own. */
  readonly origins?: string[];
  readonly clock?: () => number;
  /** Whether connections stay open behind an answer. */
  readonly persistent?: boolean;
  /** Where the sales (`sales.sqlite`) and the spool are kept; the sales in memory unless given. */
  readonly directory?: string;
  readonly logger?: Logger;
  /** Whether the shop asks to recognise its customers. */
  readonly loyalty?: boolean;
  /** Whether there is a back office, at `/office/`, for whoever comes. */
  readonly office?: boolean;
  /** What becomes of payments that only a settlement report tells of; delivered for unless given. */
  readonly reportedPayments?: "deliver" | "ask";
}

/** Applies, is approved, opens. */
export async function openShop(tps: RunningTps, options: ShopOptions = {}): Promise<Shop> {
  const app = express();
  const server = createServer(app);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const line = await openLine({ persistent: options.persistent ?? false });
  line.connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const origin = `http://shop.localhost:${line.port}`;
  const certified = await certify(tps, options.name ?? SHOP_NAME, options.origins ?? [origin]);
  const { directory } = options;
  const goodsDirectory = directory ?? (await mkdtemp(join(tmpdir(), "chit-e2e-shop-")));
  const merchant = createMerchant({
    ...certified.files,
    store: directory === undefined ? memoryStore() : sqliteStore(join(directory, "sales.sqlite")),
    baseUrl: origin,
    goodsDirectory,
    background: false,
    ...(options.clock === undefined ? {} : { clock: options.clock }),
    ...(options.logger === undefined ? {} : { logger: options.logger }),
    ...(options.loyalty === undefined ? {} : { loyalty: options.loyalty }),
    ...(options.reportedPayments === undefined
      ? {}
      : { reportedPayments: options.reportedPayments }),
  });
  app.use(merchant.router());
  if (options.office === true) {
    app.use("/office", merchant.backOffice({ authenticate: () => "Ada" }));
  }
  stock(app, merchant);
  const pages = new Map<string, string>();
  app.use((request, response, next) => {
    const html = pages.get(request.path);
    if (html === undefined) next();
    else response.send(`<!doctype html><html lang="en">${html}`);
  });
  return {
    origin,
    merchant,
    merchantId: certified.merchantId,
    sealingKey: certified.files.keys.sealingKey,
    line,
    publish: (path, html) => void pages.set(path, html),
    async publishQuote(path, offer) {
      const issued = await merchant.issueQuote("published", offer, origin);
      const head = merchant.quoteHead(issued);
      pages.set(path, `<head><title>Shop</title>${head}</head><body><h1>Shop</h1></body>`);
    },
    async close() {
      await line.close();
      await closeServer(server);
      await merchant.close();
      if (directory === undefined) await rm(goodsDirectory, { recursive: true, force: true });
    },
  };
}

function stock(app: express.Express, merchant: Merchant): void {
  app.get("/", (_request, response) => {
    response.cookie("visitor", "7").send("<!doctype html><title>Shop</title><h1>Shop</h1>");
  });
  app.get(
    "/book",
    merchant.sell({
      name: "A Short History of the Chit",
      price: "4.90",
      content: BOOK,
      filename: "chit.epub",
      mediaType: "application/epub+zip",
    }),
  );
  app.get(
    "/note",
    merchant.sell({ name: "A note", price: "0.0005", content: "Thank you.", filename: "note.txt" }),
  );
  app.get("/film", merchant.sell({ name: "Film", price: "3.00", content: FILM }));
  app.get(
    "/article",
    merchant.paywall({
      name: "On small payments",
      price: "0.0500",
      content: () => '<p id="paid-text">Small things add up.</p>',
    }),
  );
  app.get(
    "/mug",
    merchant.sell({
      name: "Mug",
      price: "12.00",
      kind: "physical",
      delivery: () => ({ text: "Leaves tomorrow.", carrier: "Post" }),
    }),
  );
  app.get(
    "/cart",
    merchant.sell({
      name: "Your cart",
      kind: "physical",
      lines: [
        { description: "Notebook", quantity: 2, price: "3.50" },
        { description: "Ink", price: "6.25" },
        { description: "Welcome discount", price: "-2.00" },
        { description: "Shipping", price: "4.10" },
      ],
      delivery: { text: "In two parcels." },
    }),
  );
  app.get("/dear", merchant.sell({ name: "Gold", price: "100.00", content: "gold" }));
}

async function certify(tps: RunningTps, name: string, origins: string[]) {
  const crypto = nodeCrypto((length) => Uint8Array.from(randomBytes(length)));
  const sealing = crypto.randomBytes(32);
  const signing = crypto.randomBytes(32);
  const signer = nodeSigner(signing);
  const application = await createApplication(signer, {
    v: 1,
    iat: Math.floor(Date.now() / 1000),
    name,
    origins,
    contact: "shop@example.com",
    suite: SUITE,
    sealingKey: toBase64url((await nodeOpeningKey(crypto, sealing)).publicRaw),
    signingKey: toBase64url(signer.publicKey),
  });
  const { applicationId } = await registerApplication(tps.deps, application);
  const { merchantId, bundle } = await approveMerchant(tps.deps, applicationId);
  const keys = {
    v: 1 as const,
    sealingKey: toBase64url(sealing),
    signingKey: toBase64url(signing),
  };
  return { merchantId, files: { keys, bundle } };
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
