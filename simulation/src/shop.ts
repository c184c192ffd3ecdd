/** A real shop: the merchant SDK behind Express, on a store that outlives its process. */
import { rmSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  createMerchant,
  type Merchant,
  type MerchantBundleInput,
  type MerchantKeysInput,
  memoryStore,
  type Store,
  sqliteStore,
} from "@chit/merchant";
import { createApplication, SUITE, toBase64url } from "@chit/protocol";
import { nodeCrypto, nodeOpeningKey, nodeSigner } from "@chit/protocol/node";
import { approveMerchant, registerApplication } from "@chit/tps-server";
import express, { type Express } from "express";
import inject from "light-my-request";
import type { Bytes } from "./chance.ts";
import type { Answer, Letter, Server } from "./post.ts";
import type { Tps } from "./tps.ts";

const PRICES = ["0.05", "0.90", "4.90", "45.00"] as const;
const SILENT = { info() {}, warn() {}, error() {} };

/** A shop that was certified. */
export class Shop implements Server {
  readonly origin: string;
  readonly merchantId: string;
  /** Ids of the events by which it was told to fulfil, for each transaction number. */
  readonly fulfilled = new Map<string, Set<string>>();
  readonly #directory: string;
  readonly #keys: MerchantKeysInput;
  readonly #bundle: MerchantBundleInput;
  readonly #bytes: Bytes;
  readonly #clock: () => number;
  readonly #memory: Store | undefined;
  #merchant: Merchant | undefined;
  #app: Express | undefined;

  private constructor(
    origin: string,
    directory: string,
    certified: { keys: MerchantKeysInput; bundle: MerchantBundleInput; merchantId: string },
    bytes: Bytes,
    clock: () => number,
    store: "memory" | "sqlite",
  ) {
    this.origin = origin;
    this.merchantId = certified.merchantId;
    this.#directory = directory;
    this.#keys = certified.keys;
    this.#bundle = certified.bundle;
    this.#bytes = bytes;
    this.#clock = clock;
    this.#memory = store === "memory" ? memoryStore() : undefined;
  }

  /** Applies, is approved, opens. */
  static async open(
    tps: Tps,
    name: string,
    bytes: Bytes,
    clock: () => number,
    store: "memory" | "sqlite",
  ): Promise<Shop> {
    const origin = `https://${name}.example`;
    const certified = await certify(tps, name, origin, bytes, clock());
    const directory = await mkdtemp(join(tmpdir(), "chit-simulated-shop-"));
    const shop = new Shop(origin, directory, certified, bytes, clock, store);
    await shop.restart(tps.keys.keyList);
    return shop;
  }

  /** Another process on the same store, with the operator's current keys, as the background work fetches them. */
  async restart(keyList: string): Promise<void> {
    await this.#close();
    const merchant = createMerchant({
      keys: this.#keys,
      bundle: { ...this.#bundle, keyList },
      baseUrl: this.origin,
      store: this.#memory ?? sqliteStore(join(this.#directory, "shop.db")),
      goodsDirectory: join(this.#directory, "goods"),
      clock: this.#clock,
      randomBytes: this.#bytes,
      fetch: () => Promise.reject(new TypeError("A shop calls nobody during a sale.")),
      logger: SILENT,
      background: false,
      hooks: {
        paid: ({ id, sale }) => {
          const told = this.fulfilled.get(sale.transactionNumber) ?? new Set();
          this.fulfilled.set(sale.transactionNumber, told.add(id));
        },
      },
    });
    this.#merchant = merchant;
    this.#app = express().use(merchant.router());
  }

  async stop(): Promise<void> {
    await this.#close();
    rmSync(this.#directory, { recursive: true, force: true });
  }

  /** A page that offers something: where its quote is. */
  async offer(choice: number): Promise<string> {
    const price = PRICES[choice % PRICES.length] ?? PRICES[0];
    const issued = await this.merchant.issueQuote(
      "book",
      {
        name: `A book for ${price}`,
        price,
        goods: [{ content: this.goods, filename: "book.txt" }],
      },
      this.origin,
    );
    return issued.url;
  }

  /** What everybody gets who paid: two chunks. */
  get goods(): string {
    return `What ${this.origin} sells. `.repeat(3_000);
  }

  get merchant(): Merchant {
    if (this.#merchant === undefined) throw new Error("The shop is closed.");
    return this.#merchant;
  }

  async answer({ method, url, body }: Letter): Promise<Answer> {
    if (this.#app === undefined) throw new Error("The shop is closed.");
    const reply = await inject(this.#app, {
      method: method as "GET" | "POST",
      url,
      ...(body === undefined ? {} : { payload: Buffer.from(body) }),
    });
    return { status: reply.statusCode, body: new Uint8Array(reply.rawPayload) };
  }

  async #close(): Promise<void> {
    // A store in memory is not emptied by it.
    await this.#merchant?.close();
  }
}

async function certify(tps: Tps, name: string, origin: string, bytes: Bytes, now: number) {
  const [sealing, signing] = [bytes(32), bytes(32)];
  const signer = nodeSigner(signing);
  const { publicRaw } = await nodeOpeningKey(nodeCrypto(bytes), sealing);
  const document = await createApplication(signer, {
    v: 1,
    iat: now,
    name,
    origins: [origin],
    contact: "shop@example.org",
    suite: SUITE,
    sealingKey: toBase64url(publicRaw),
    signingKey: toBase64url(signer.publicKey),
  });
  const { applicationId } = await registerApplication(tps.deps, document);
  const { merchantId, bundle } = await approveMerchant(tps.deps, applicationId);
  const keys = {
    v: 1,
    sealingKey: toBase64url(sealing),
    signingKey: toBase64url(signing),
  } as const;
  return { keys, bundle, merchantId };
}
