/** A small shop with one thing of each kind, certified by the TPS, and the means to be a bad one. */
import { createHash, randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createMerchant, type Merchant, memoryStore } from "@chit/merchant";
import { createApplication, SUITE, toBase64url } from "@chit/protocol";
import { nodeCrypto, nodeOpeningKey, nodeSigner } from "@chit/protocol/node";
import { approveMerchant, type RunningTps, registerApplication } from "@chit/tps-server";
import express, { type RequestHandler } from "express";

/** The e-book's bytes: more than one chunk of goods. */
export const BOOK = Buffer.alloc(300_000, "All that glisters is not gold. ");
export const BOOK_SHA256 = createHash("sha256").update(BOOK).digest("hex");

export interface Shop {
  readonly origin: string;
  readonly merchant: Merchant;
  readonly merchantId: string;
  /** Every request that reached the shop: method, path, headers and body. */
  readonly seen: {
    method: string;
    path: string;
    headers: NodeJS.Dict<string | string[]>;
    body: Buffer;
  }[];
  /** Handles requests before the shop does: to tamper, to be silent, to answer nonsense. Undo with null. */
  interfere(handler: RequestHandler | null): void;
  close(): Promise<void>;
}

export interface ShopOptions {
  readonly name?: string;
  /** Origins of the certificate, when they are not the shop's own. */
  readonly origins?: string[];
  readonly clock?: () => number;
}

/** Applies, is approved, opens. */
export async function openShop(tps: RunningTps, options: ShopOptions = {}): Promise<Shop> {
  const app = express();
  const server = createServer(app);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const origin = `http://shop.localhost:${(server.address() as AddressInfo).port}`;
  const name = options.name ?? "Paper & Ink";
  const certified = await certify(tps, name, options.origins ?? [origin]);
  const goodsDirectory = await mkdtemp(join(tmpdir(), "chit-e2e-shop-"));
  const merchant = createMerchant({
    ...certified.files,
    store: memoryStore(),
    baseUrl: origin,
    goodsDirectory,
    background: false,
    ...(options.clock === undefined ? {} : { clock: options.clock }),
  });

  const seen: Shop["seen"] = [];
  let interference: RequestHandler | null = null;
  app.use((request, _response, next) => {
    const entry = {
      method: request.method,
      path: request.path,
      headers: request.headers,
      body: Buffer.alloc(0),
    };
    seen.push(entry);
    // Only looks on: the bytes still reach whoever reads the request after us.
    request.on("data", (piece: Buffer) => {
      entry.body = Buffer.concat([entry.body, piece]);
    });
    request.pause();
    next();
  });
  app.use((request, response, next) =>
    (interference ?? ((_q, _s, go) => go()))(request, response, next),
  );
  app.use(merchant.router());
  stock(app, merchant);

  return {
    origin,
    merchant,
    merchantId: certified.merchantId,
    seen,
    interfere: (handler) => {
      interference = handler;
    },
    async close() {
      await closeServer(server);
      await merchant.close();
      await rm(goodsDirectory, { recursive: true, force: true });
    },
  };
}

function stock(app: express.Express, merchant: Merchant): void {
  app.get("/", (_request, response) => {
    response.send(`<!doctype html><title>Shop</title><h1>Shop</h1>
      <a href="/book">Book</a> <a href="/article">Article</a> <a href="/mug">Mug</a>`);
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
      delivery: () => ({ text: "Leaves tomorrow.", carrier: "Post" }),
    }),
  );
  app.get("/dear", merchant.sell({ name: "Gold", price: "1000.00", content: Buffer.from("gold") }));
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
