/** A whole sale from the wallet's side, with the protocol's own functions for the CTS. */
import { createHash } from "node:crypto";
import { Agent, request } from "node:http";
import {
  adviceRequestMac,
  createForward,
  createSendGoods,
  createSessionInitiation,
  decryptGoods,
  equalBytes,
  merchantSealingKey,
  verifyQuote,
  verifyQuoteAuthentication,
  verifyShippingAdvice,
} from "@chit/protocol";
import { nodeGoodsCipher } from "@chit/protocol/node";
import { systemPlatform } from "@chit/tps-server";
import { crypto, type Market } from "./market.ts";

/** A request and what was answered. */
export interface Exchange {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly sent: Uint8Array | undefined;
  readonly status: number;
  readonly type: string;
  readonly link: string;
  readonly body: Uint8Array;
}

/** Sends a request; `sent` undefined: GET. */
export type Send = (url: string, sent?: Uint8Array) => Promise<Exchange>;

const BROWSER = { accept: "text/html,*/*;q=0.8", "accept-language": "en-GB,en;q=0.5" };

/** Sends over connections that stay open, as many as are needed. */
export function openConnections(): { send: Send; close(): void } {
  const agent = new Agent({ keepAlive: true });
  const send: Send = (url, sent) =>
    new Promise((resolve, reject) => {
      const method = sent === undefined ? "GET" : "POST";
      const headers =
        sent === undefined
          ? BROWSER
          : { "content-type": "application/json", "content-length": sent.length };
      const outgoing = request(url, { agent, method, headers }, (response) => {
        const pieces: Buffer[] = [];
        response.on("data", (piece: Buffer) => pieces.push(piece));
        response.on("error", reject);
        response.on("end", () => {
          const { "content-type": type = "", link } = response.headers;
          resolve({
            method,
            path: new URL(url).pathname,
            sent,
            status: response.statusCode ?? 0,
            type,
            link: String(link),
            body: new Uint8Array(Buffer.concat(pieces)),
          });
        });
      });
      outgoing.on("error", reject);
      outgoing.end(sent);
    });
  return { send, close: () => agent.destroy() };
}

async function expectStatus(status: number, exchange: Promise<Exchange>): Promise<Exchange> {
  const done = await exchange;
  if (done.status === status) return done;
  const { method, path, body } = done;
  throw new Error(`${method} ${path}: ${done.status} ${Buffer.from(body).toString()}`);
}

/** A sale whose goods were advised, and what sends for them. */
export interface AdvisedSale {
  readonly exchanges: readonly Exchange[];
  readonly sendGoodsUrl: string;
  readonly sendGoods: Uint8Array;
  /** Opens the delivery, piece by piece, and compares it with the advice's digest. */
  open(delivery: AsyncIterable<Uint8Array>): Promise<void>;
}

/** Steps 1 to 8: page, quote, session, proof. */
export async function buy(market: Market, origin: string, send: Send): Promise<AdvisedSale> {
  const page = await expectStatus(402, send(`${origin}/article`));
  const quoteUrl = /<([^>]+)>; rel="payment-quote"/.exec(page.link)?.[1] ?? "";
  const quote = await expectStatus(200, send(quoteUrl));
  const now = systemPlatform.nowSeconds();
  const verified = verifyQuote(crypto, market.list, quote.body, origin, now);
  const subject = { ...verified.quote, quoteHash: verified.hash };

  const told = { address: null, loyalty: null };
  const sealingKey = merchantSealingKey(verified.certificate);
  const { body, session } = await createSessionInitiation(crypto, sealingKey, subject, told);
  const authenticated = await expectStatus(200, send(verified.quote.sessionUrl, body));
  verifyQuoteAuthentication(session, subject, authenticated.body);

  const proof = await market.prove(subject);
  const mac = adviceRequestMac(session, subject, proof);
  const forward = createForward("proof", proof, { mac });
  const advised = await expectStatus(200, send(verified.quote.proofUrl, forward));
  const { goods, sendGoodsUrl } = verifyShippingAdvice(session, subject, advised.body);
  const [item] = goods;
  if (item === undefined || sendGoodsUrl === null) throw new Error("No goods were advised.");
  const delivery = { ...subject, goodsId: item.goodsId };
  return {
    exchanges: [page, quote, authenticated, advised],
    sendGoodsUrl,
    sendGoods: createSendGoods(session.key, { ...delivery, firstChunk: 0, time: now }),
    async open(pieces) {
      const hash = createHash("sha256");
      const clear = decryptGoods(nodeGoodsCipher, session.key, delivery, pieces, 0);
      for await (const chunk of clear) hash.update(chunk);
      if (!equalBytes(hash.digest(), item.digest)) throw new Error("These are other goods.");
    },
  };
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** Steps 1 to 10: a whole sale with its goods opened, and all its exchanges in order. */
export async function buyAndOpen(market: Market, origin: string, send: Send): Promise<Exchange[]> {
  const sale = await buy(market, origin, send);
  const goods = await expectStatus(200, send(sale.sendGoodsUrl, sale.sendGoods));
  await sale.open(once(goods.body));
  return [...sale.exchanges, goods];
}

/** The same requests once more, to the plain server. */
export async function repeat(
  exchanges: readonly Exchange[],
  origin: string,
  send: Send,
): Promise<void> {
  for (const { path, sent, status, body } of exchanges) {
    const again = await expectStatus(status, send(`${origin}${path}`, sent));
    if (again.body.length !== body.length) throw new Error(`${path}: other bytes than the shop's.`);
  }
}
