/** An issuer, a merchant's files and a wallet, made anew for a test: the real protocol on all sides. */
import { createHash, randomBytes } from "node:crypto";
import {
  type Address,
  adviceRequestMac,
  concatBytes,
  createCertificate,
  createForward,
  createKeyList,
  createRecoveryRequest,
  createSendGoods,
  createSessionInitiation,
  createVerdict,
  type DeliveryKey,
  decryptGoods,
  type KeyList,
  merchantSealingKey,
  openRecoveryAcknowledgment,
  type PendingRecovery,
  type RecoveryAnswer,
  type RefundWish,
  readProblem,
  type Session,
  type ShippingAdvice,
  SUITE,
  toBase64url,
  type Verdict,
  verifyKeyList,
  verifyQuote,
  verifyQuoteAuthentication,
  verifyShippingAdvice,
} from "@chit/protocol";
import {
  type NodeSigner,
  nodeCrypto,
  nodeGoodsCipher,
  nodeOpeningKey,
  nodeSigner,
} from "@chit/protocol/node";
import type { MerchantBundleInput, MerchantKeysInput } from "../src/index.ts";

const ISSUER = "http://tps.localhost:9999";
const YEAR = 31_536_000;
const random = (length: number) => new Uint8Array(randomBytes(length));
export const crypto = nodeCrypto(random);
export const newId = (): string => toBase64url(random(16)).replace(/^-/, "A");

/** What the TPS is to a merchant: keys that sign. */
export class TestIssuer {
  readonly root: NodeSigner = nodeSigner(random(32));
  readonly now: number;
  /** Where it says that it is. */
  origin = ISSUER;
  signer: NodeSigner = nodeSigner(random(32));
  sequence = 1;

  constructor(now: number) {
    this.now = now;
  }

  /** A key list with the current signing key and, after a rotation, those before. */
  async keyList(
    signers: readonly NodeSigner[] = [this.signer],
    exp: number = this.now + YEAR,
    iss = this.origin,
  ): Promise<string> {
    const sealing = await nodeOpeningKey(crypto, random(32));
    const validity = { notBefore: this.now - YEAR, notAfter: this.now + YEAR };
    return createKeyList(this.root, {
      v: 1,
      iss,
      iat: this.now - 100,
      exp,
      sequence: this.sequence,
      operator: "Example Pay",
      telephone: "+49 30 123456",
      currency: "EUR",
      scale: 4,
      signingKeys: signers.map(({ kid, publicKey }) => ({
        kid,
        publicKey: toBase64url(publicKey),
        ...validity,
      })),
      sealingKeys: [
        {
          kid: sealing.keyId,
          suite: SUITE,
          publicKey: toBase64url(sealing.publicRaw),
          ...validity,
        },
      ],
    });
  }

  async merchant(
    origins: string[],
    exp: number = this.now + YEAR,
  ): Promise<{ keys: MerchantKeysInput; bundle: MerchantBundleInput; merchantId: string }> {
    const sealingSeed = random(32);
    const signingSeed = random(32);
    const merchantId = newId();
    const certificate = await createCertificate(this.signer, {
      v: 1,
      iss: this.origin,
      jti: newId(),
      iat: this.now - 1_000,
      nbf: this.now - 1_000,
      exp,
      merchantId,
      name: "Paper & Ink",
      origins,
      suite: SUITE,
      sealingKey: toBase64url((await nodeOpeningKey(crypto, sealingSeed)).publicRaw),
      signingKey: toBase64url(nodeSigner(signingSeed).publicKey),
      currency: "EUR",
      scale: 4,
    });
    return {
      merchantId,
      keys: { v: 1, sealingKey: toBase64url(sealingSeed), signingKey: toBase64url(signingSeed) },
      bundle: {
        v: 1,
        issuer: this.origin,
        rootKey: toBase64url(this.root.publicKey),
        certificate,
        keyList: await this.keyList(),
      },
    };
  }
}

/** A reply that a step got. */
export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Uint8Array;
  readonly problem: string | undefined;
}

export async function call(url: string, init: RequestInit = {}): Promise<Reply> {
  const response = await fetch(url, init);
  const body = new Uint8Array(await response.arrayBuffer());
  const problem = response.ok ? undefined : readProblem(body)?.code;
  return { status: response.status, headers: response.headers, body, problem };
}

export const post = (url: string, body: Uint8Array): Promise<Reply> =>
  call(url, { method: "POST", body: Uint8Array.from(body) });

/** What a wallet wishes besides redelivery. */
type AfterSale =
  | Omit<RefundWish, "token">
  | { readonly wish: "refund-state" }
  | { readonly wish: "payment" }
  | { readonly wish: "call-off" };

/** A purchase as the wallet goes through it. */
export class TestWallet {
  readonly issuer: TestIssuer;
  readonly list: KeyList;
  readonly quoteBody: Uint8Array;
  readonly verified: ReturnType<typeof verifyQuote>;
  session!: Session;
  initiation!: Uint8Array;
  advice!: ShippingAdvice;

  private constructor(
    issuer: TestIssuer,
    list: KeyList,
    quoteBody: Uint8Array,
    verified: ReturnType<typeof verifyQuote>,
  ) {
    this.issuer = issuer;
    this.list = list;
    this.quoteBody = quoteBody;
    this.verified = verified;
  }

  /** Steps 1 and 2: visits a page, finds the pointer, fetches and verifies the quote. */
  static async visit(issuer: TestIssuer, pageUrl: string): Promise<TestWallet> {
    const page = await call(pageUrl, { headers: { accept: "text/html" } });
    const url = /<([^>]+)>; rel="payment-quote"/.exec(page.headers.get("link") ?? "")?.[1];
    if (url === undefined) {
      throw new Error(`No quote: ${page.status} ${new TextDecoder().decode(page.body)}`);
    }
    return TestWallet.open(issuer, url, new URL(pageUrl).origin);
  }

  static async open(issuer: TestIssuer, quoteUrl: string, origin: string): Promise<TestWallet> {
    const list = verifyKeyList(crypto, issuer.root.publicKey, await issuer.keyList(), issuer.now);
    const { body } = await call(quoteUrl);
    return new TestWallet(issuer, list, body, verifyQuote(crypto, list, body, origin, issuer.now));
  }

  get subject() {
    return { ...this.verified.quote, quoteHash: this.verified.hash };
  }

  async prepareSession(
    address: Address | null = null,
    loyalty: string | null = null,
  ): Promise<Uint8Array> {
    const key = merchantSealingKey(this.verified.certificate);
    const told = { address, loyalty };
    const { body, session } = await createSessionInitiation(crypto, key, this.subject, told);
    this.session = session;
    this.initiation = body;
    return body;
  }

  /** Steps 3 and 4. */
  async initiate(address: Address | null = null, loyalty: string | null = null): Promise<void> {
    const body = await this.prepareSession(address, loyalty);
    const reply = await post(this.verified.quote.sessionUrl, body);
    if (reply.status !== 200) throw new Error(`session: ${reply.status} ${reply.problem}`);
    verifyQuoteAuthentication(this.session, this.subject, reply.body);
  }

  /** Steps 5 and 6, as the TPS would end them. */
  async verdict(
    verdict: Verdict = "proof",
    changes: object = {},
    at: number = this.issuer.now,
  ): Promise<string> {
    const order = { ...this.subject, issuer: this.issuer.origin, ...changes };
    return createVerdict(this.issuer.signer, verdict, order, newId(), at);
  }

  /** Step 7 as the initiator forwards it, and its reply. */
  forward(document: string, verdict: Verdict = "proof", keyList?: string): Promise<Reply> {
    const own = verdict === "proof" && this.session !== undefined;
    const mac = own ? adviceRequestMac(this.session, this.subject, document) : undefined;
    const extras = { ...(keyList === undefined ? {} : { keyList }), ...(mac && { mac }) };
    return post(this.verified.quote.proofUrl, createForward(verdict, document, extras));
  }

  /** Step 7 as anybody else forwards it, and its reply. */
  forwardAsPayer(proof: string): Promise<Reply> {
    return post(this.verified.quote.proofUrl, createForward("proof", proof));
  }

  /** Steps 5 to 8. */
  async pay(): Promise<ShippingAdvice> {
    return this.takeAdvice(await this.forward(await this.verdict()));
  }

  /** Step 8. */
  takeAdvice(reply: Reply): ShippingAdvice {
    if (reply.status !== 200) throw new Error(`proof: ${reply.status} ${reply.problem}`);
    this.advice = verifyShippingAdvice(this.session, this.subject, reply.body);
    return this.advice;
  }

  sendGoods(goodsId: string, firstChunk = 0): Uint8Array {
    return createSendGoods(this.session.key, {
      ...this.subject,
      goodsId,
      firstChunk,
      time: this.issuer.now,
    });
  }

  /** Steps 9 and 10, checked against the advice. */
  async fetchGoods(index = 0): Promise<Uint8Array> {
    const item = this.advice.goods[index];
    if (item === undefined || this.advice.sendGoodsUrl === null) throw new Error("No such goods.");
    const reply = await post(this.advice.sendGoodsUrl, this.sendGoods(item.goodsId));
    if (reply.status !== 200) throw new Error(`goods: ${reply.status} ${reply.problem}`);
    const clear = await this.decrypt(item.goodsId, reply.body, 0);
    const digest = createHash("sha256").update(clear).digest();
    if (Buffer.compare(digest, item.digest) !== 0) throw new Error("Wrong digest.");
    return clear;
  }

  /** Prepares a recovery request. */
  prepareRecovery(token = this.session.key.token, changes: object = {}): Promise<PendingRecovery> {
    const key = merchantSealingKey(this.verified.certificate);
    const subject = { ...this.subject, ...changes };
    return createRecoveryRequest(crypto, key, subject, { wish: "redelivery", token });
  }

  /** Prepares any other wish after the sale, with this purchase's token. */
  prepareWish(wish: AfterSale): Promise<PendingRecovery> {
    const { token } = this.session.key;
    const key = merchantSealingKey(this.verified.certificate);
    return createRecoveryRequest(crypto, key, this.subject, { ...wish, token });
  }

  /** Makes a wish, and reads the answer. */
  async wish(wish: AfterSale): Promise<RecoveryAnswer> {
    return this.recover(await this.prepareWish(wish));
  }

  /** Sends a recovery request, and reads its acknowledgment. */
  async recover(pending: PendingRecovery): Promise<RecoveryAnswer> {
    const reply = await post(this.verified.quote.recoveryUrl, pending.body);
    if (reply.status !== 200) throw new Error(`recovery: ${reply.status} ${reply.problem}`);
    return openRecoveryAcknowledgment(crypto, pending, reply.body);
  }

  /** Send goods and its answer, under the first session or a redelivery's. */
  sendFor(key: DeliveryKey = this.session.key, index = 0): Promise<Reply> {
    const goodsId = this.advice.goods[index]?.goodsId ?? "";
    const time = this.issuer.now;
    const body = createSendGoods(key, { ...this.subject, goodsId, firstChunk: 0, time });
    return post(this.advice.sendGoodsUrl ?? "", body);
  }

  async decrypt(
    goodsId: string,
    body: Uint8Array,
    firstChunk: number,
    key: DeliveryKey = this.session.key,
  ): Promise<Uint8Array> {
    const got: Uint8Array[] = [];
    const subject = { ...this.subject, goodsId };
    async function* wire() {
      yield body;
    }
    for await (const chunk of decryptGoods(nodeGoodsCipher, key, subject, wire(), firstChunk)) {
      got.push(chunk);
    }
    return concatBytes(...got);
  }
}

export const ADDRESS: Address = {
  name: "A. Shopper",
  lines: ["Canary Street 1"],
  postalCode: "10115",
  city: "Berlin",
  country: "DE",
};
