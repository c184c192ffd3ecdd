/** An MTS for tests: the protocol's real functions over HTTP; what it sells and how it fails is up to the test. */
import { createHash } from "node:crypto";
import {
  asksForAdvice,
  createProofReceipt,
  createQuote,
  createQuoteAuthentication,
  createShippingAdvice,
  type DeliveryKey,
  decodeForward,
  decodeSendGoods,
  decodeSessionInitiation,
  encryptGoods,
  equalBytes,
  isPayerKey,
  isSendGoodsOf,
  LIMITS,
  openRecoveryRequest,
  openSessionInitiation,
  type QuoteInput,
  quoteHash,
  type RecoveryRefusal,
  readVerdict,
  toBase64url,
  verifyKeyList,
  verifySendGoods,
  verifyVerdict,
} from "@chit/protocol";
import {
  type NodeOpeningKey,
  nodeCrypto,
  nodeGoodsCipher,
  nodeOpeningKey,
  nodeSigner,
} from "@chit/protocol/node";
import { type Received, type Reply, TestServer } from "./http-server.ts";
import { TestRefunds } from "./returns.ts";
import type { Sale } from "./sale.ts";
import type { TestTps } from "./tps.ts";

export class TestMts {
  readonly server = new TestServer((request) => this.#handle(request));
  readonly sales = new Map<string, Sale>();
  readonly signer;
  readonly crypto;
  key!: NodeOpeningKey;
  merchantId = "";
  certificate = "";
  goods: Uint8Array = new Uint8Array();
  goodsId = "";
  /** More things with the same content in each sale. */
  moreGoodsIds: string[] = [];
  presentation: "save" | "page" = "save";
  delivery: { text: string } | undefined;
  denials = 0;
  /** What is delivered instead of `goods`. */
  otherGoods: Uint8Array | null = null;
  /** The first sessions' keys have expired, or the fresh ones' too. */
  expired: boolean | "fresh" = false;
  /** Why nothing is given again; null: it is. */
  refusal: RecoveryRefusal | null = null;
  /** Money back, of whatever sale. */
  readonly refunds = new TestRefunds();
  /** Where redelivered goods are sent for, if not here. */
  goodsOrigin: string | null = null;
  /** Fresh sessions by the hash of their request. */
  readonly redeliveries = new Map<string, DeliveryKey>();
  /** Those of them whose keys have expired. */
  readonly stale = new Set<string>();
  readonly #random: (length: number) => Uint8Array;
  readonly #now: () => number;
  readonly #tps: TestTps;

  constructor(random: (length: number) => Uint8Array, now: () => number, tps: TestTps) {
    this.#random = random;
    this.#now = now;
    this.#tps = tps;
    this.crypto = nodeCrypto(random);
    this.signer = nodeSigner(random(32));
  }

  async start(): Promise<void> {
    await this.server.start();
    this.key = await nodeOpeningKey(this.crypto, this.#random(32));
    this.merchantId = this.#tps.id();
    this.goodsId = this.#tps.id();
    this.goods = this.#random(100_000);
    await this.certify();
  }

  async certify(change: { origins?: string[]; expires?: number } = {}): Promise<void> {
    this.certificate = await this.#tps.certify({
      id: this.merchantId,
      name: "Paper & Ink",
      origins: [this.server.origin],
      sealingKey: this.key.publicRaw,
      signingKey: this.signer.publicKey,
      ...change,
    });
  }

  /** Makes a quote; returns its URL. */
  offer(change: Partial<QuoteInput> = {}): string {
    const { origin } = this.server;
    const transactionNumber = this.#tps.id();
    const quote: QuoteInput = {
      v: 1,
      type: "quote",
      merchantId: this.merchantId,
      transactionNumber,
      // As long as an id: 16 bytes.
      salt: this.#tps.id(),
      amount: "135000",
      currency: "EUR",
      scale: 4,
      lines: [{ description: "Notes on chits", quantity: 1, amount: "135000" }],
      kind: "digital",
      addressRequired: false,
      loyalty: false,
      issuedAt: this.#now(),
      expiresAt: this.#now() + 900,
      issuers: [this.#tps.server.origin],
      certificate: this.certificate,
      sessionUrl: `${origin}/chit/session`,
      proofUrl: `${origin}/chit/proof`,
      recoveryUrl: `${origin}/chit/recovery`,
      payerUrl: `${origin}/chit/pay/${transactionNumber}`,
      ...change,
    };
    const body = createQuote(quote);
    this.sales.set(transactionNumber, {
      quote,
      body,
      session: null,
      initiation: "",
      address: null,
      loyalty: null,
      paid: false,
      proofs: [],
      calledOff: false,
    });
    return `${origin}/chit/quotes/${transactionNumber}`;
  }

  sale(quoteUrl: string): Sale {
    const sale = this.sales.get(quoteUrl.split("/").at(-1) ?? "");
    if (sale === undefined) throw new Error(`No sale at ${quoteUrl}.`);
    return sale;
  }

  async #handle(request: Received): Promise<Reply> {
    const { path, body } = request;
    if (path.startsWith("/chit/quotes/")) return this.sale(path).body;
    if (path.startsWith("/chit/pay/")) return this.#payersQuote(path);
    if (path === "/chit/session") return this.#session(body);
    if (path === "/chit/proof") return this.#proof(body);
    if (path === "/chit/goods") return this.#deliver(body);
    if (path === "/chit/recovery") return this.#recover(body);
    return { problem: "not-found" };
  }

  async #session(body: Uint8Array): Promise<Reply> {
    const { transactionNumber } = decodeSessionInitiation(body);
    const sale = this.sale(transactionNumber);
    const text = toBase64url(body);
    if (sale.session !== null && sale.initiation !== text) return { problem: "session-taken" };
    const opened = await openSessionInitiation(this.crypto, this.key, body);
    sale.session = opened.session;
    sale.address = opened.address;
    sale.loyalty = opened.loyalty;
    sale.initiation = text;
    return createQuoteAuthentication(opened.session, this.#subject(sale));
  }

  async #proof(body: Uint8Array): Promise<Reply> {
    const forwarded = decodeForward(body);
    if (forwarded.type === "denial-of-payment") {
      this.denials += 1;
      return new Uint8Array();
    }
    const now = this.#now();
    const list = verifyKeyList(
      this.crypto,
      this.#tps.root.publicKey,
      await this.#tps.keyList(),
      now,
    );
    const sale = [...this.sales.values()].find((one) => {
      try {
        const { quote } = one;
        const subject = { ...this.#subject(one), amount: BigInt(quote.amount) };
        const order = { ...subject, currency: quote.currency, scale: quote.scale };
        verifyVerdict(this.crypto, list, "proof", forwarded.proof, order);
        return true;
      } catch {
        return false;
      }
    });
    if (sale === undefined) return { problem: "proof-mismatch" };
    if (sale.session === null) return { problem: "session-missing" };
    sale.paid = true;
    const { proof } = forwarded;
    if (!sale.proofs.includes(proof)) sale.proofs.push(proof);
    if (!asksForAdvice(sale.session, this.#subject(sale), forwarded)) {
      const { jti } = readVerdict(this.crypto, list, "proof", proof);
      const { transactionNumber } = sale.quote;
      const first = sale.proofs[0] === proof;
      return createProofReceipt({ transactionNumber, paymentId: jti, first });
    }
    const digital = sale.quote.kind !== "physical";
    return createShippingAdvice(sale.session, this.#subject(sale), {
      goods: digital
        ? [this.goodsId, ...this.moreGoodsIds].map((goodsId) => ({
            goodsId,
            name: "Notes on chits",
            filename: "notes.epub",
            mediaType: "application/epub+zip",
            size: this.goods.length,
            digest: toBase64url(createHash("sha256").update(this.goods).digest()),
            presentation: this.presentation,
          }))
        : [],
      sendGoodsUrl: digital ? `${this.server.origin}/chit/goods` : null,
      delivery: this.delivery ?? null,
    });
  }

  async #deliver(body: Uint8Array): Promise<Reply> {
    const asked = decodeSendGoods(body);
    const sale = this.sale(asked.transactionNumber);
    if (sale.session === null || !sale.paid) return { problem: "not-paid" };
    const [request, fresh] =
      [...this.redeliveries].find(([, key]) => isSendGoodsOf(key, asked)) ?? [];
    if (fresh === undefined) verifySendGoods(sale.session.key, asked);
    const isExpired =
      request === undefined
        ? this.expired !== false
        : this.expired === "fresh" || this.stale.has(request);
    if (isExpired) return { problem: "session-expired" };
    const goods = this.otherGoods ?? this.goods;
    const rest = goods.subarray(asked.firstChunk * LIMITS.goodsChunkBytes);
    const salt = this.#random(32);
    const key = fresh ?? sale.session.key;
    return encryptGoods(nodeGoodsCipher, key, asked, [rest], asked.firstChunk, salt);
  }

  #payersQuote(path: string): Reply {
    const [, , , number = "", key = ""] = path.split("/");
    const sale = this.sale(number);
    if (sale.session === null || !isPayerKey(sale.session, this.#subject(sale), key)) {
      return { problem: "transaction-unknown" };
    }
    if (sale.proofs.length > 0) return { problem: "already-paid" };
    return sale.calledOff ? { problem: "payer-link-closed" } : sale.body;
  }

  async #recover(body: Uint8Array): Promise<Reply> {
    const request = await openRecoveryRequest(this.crypto, this.key, body);
    const sale = this.sale(request.transactionNumber);
    const token = sale.session?.key.token;
    if (token === undefined || !equalBytes(token, request.wish.token)) {
      return { problem: "authentication-failed" };
    }
    const nonce = this.#random(16);
    const { wish } = request.wish;
    if (wish === "payment" || wish === "call-off") {
      sale.calledOff ||= wish === "call-off";
      return request.acknowledge({ answer: "payment", proof: sale.proofs[0] ?? null }, nonce);
    }
    const money = this.refunds.answerTo(request, BigInt(sale.quote.amount));
    if (money !== null) {
      return sale.paid ? request.acknowledge(money, nonce) : { problem: "not-paid" };
    }
    if (this.refusal !== null) {
      return request.acknowledge({ answer: "refused", reason: this.refusal }, nonce);
    }
    this.redeliveries.set(toBase64url(request.requestHash), request.key);
    const sendGoodsUrl = `${this.goodsOrigin ?? this.server.origin}/chit/goods`;
    const until = this.#now() + 86_400;
    return request.acknowledge({ answer: "redelivery", sendGoodsUrl, until }, nonce);
  }

  #subject({ quote, body }: Sale) {
    const { merchantId, transactionNumber } = quote;
    return { merchantId, transactionNumber, quoteHash: quoteHash(body) };
  }
}
