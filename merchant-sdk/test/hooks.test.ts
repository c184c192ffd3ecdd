/** Hooks, fulfilment and the key list: what must survive failures and restarts. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { toBase64url } from "@chit/protocol";
import { nodeSigner } from "@chit/protocol/node";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import {
  createMerchant,
  type HookEvent,
  type Hooks,
  MerchantError,
  memoryStore,
  sqliteStore,
} from "../src/index.ts";
import { NOW, openShop, type ShopSetup, TestLogger } from "./shop.ts";
import { temporaryDirectory } from "./temporary.ts";
import { ADDRESS, crypto, TestIssuer, TestWallet } from "./world.ts";

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

/** Hooks that note what they are told. */
function notingHooks() {
  const told: HookEvent[] = [];
  const note = (event: HookEvent) => {
    told.push(event);
  };
  const types = ["quoted", "authenticated", "paid", "goodsSent", "denied", "duplicatePayment"];
  const hooks: Hooks = Object.fromEntries(types.map((type) => [type, note]));
  return { told, hooks, types: () => told.map(({ type }) => type) };
}

describe("hooks", () => {
  test("are told every step of a sale once, with ids", async () => {
    const { hooks, told, types } = notingHooks();
    const shop = await shopWith(book, { options: { hooks } });
    const wallet = await TestWallet.visit(shop.issuer, `${shop.origin}/book`);
    await wallet.initiate();
    await wallet.forward(await wallet.verdict("denial"), "denial");
    await wallet.pay();
    await wallet.fetchGoods();
    await wallet.fetchGoods();
    await wallet.forward(await wallet.verdict());
    const all = ["quoted", "authenticated", "denied", "paid", "goodsSent", "duplicatePayment"];
    await vi.waitFor(() => expect(types().sort()).toEqual(all.sort()));
    expect(new Set(told.map(({ id }) => id)).size).toBe(6);
    const paid = told.find(({ type }) => type === "paid");
    expect(paid).toMatchObject({
      id: `${wallet.subject.transactionNumber}.paid`,
      attempt: 1,
      sale: { total: "4.90", transactionNumber: wallet.subject.transactionNumber },
    });
  });

  test("that fail are called again with the same id; the payment is safe meanwhile", async () => {
    const calls: HookEvent[] = [];
    const paid = (event: HookEvent) => {
      calls.push(event);
      if (calls.length < 3) throw new Error("mail server down");
    };
    const shop = await shopWith(book, { options: { hooks: { paid } } });
    const wallet = await TestWallet.visit(shop.issuer, `${shop.origin}/book`);
    await wallet.initiate();
    await wallet.pay();
    expect(new TextDecoder().decode(await wallet.fetchGoods())).toBe("Goods!");
    // Whatever happens next in the shop looks for events that are due.
    for (let round = 0; calls.length < 3 && round < 20; round++) {
      shop.time.now += 60;
      await TestWallet.open(
        shop.issuer,
        (await shop.merchant.issueQuote("The book", offer, shop.origin)).url,
        shop.origin,
      );
    }
    await vi.waitFor(() => expect(calls.map(({ attempt }) => attempt)).toEqual([1, 2, 3]));
    expect(new Set(calls.map(({ id }) => id)).size).toBe(1);
    expect(shop.logger.text).toContain("mail server down");
  });

  test("that never return hold up no other sale", async () => {
    const called: string[] = [];
    const paid = ({ sale }: HookEvent) => {
      called.push(sale.transactionNumber);
      return called.length === 1 ? new Promise<void>(() => {}) : undefined;
    };
    const shop = await openShop(book, { options: { hooks: { paid } } });
    for (const count of [1, 2, 3]) {
      const wallet = await TestWallet.visit(shop.issuer, `${shop.origin}/book`);
      await wallet.initiate();
      await wallet.pay();
      await vi.waitFor(() => expect(called).toHaveLength(count));
    }
  });

  test("that a crash cut off are called after the restart", async () => {
    const store = sqliteStore(join(temporaryDirectory(), "shop.db"));
    let entered = 0;
    // The process dies inside of the hook: it never returns.
    const dying = () => {
      entered += 1;
      return new Promise<void>(() => {});
    };
    const shop = await openShop(book, { options: { store, hooks: { paid: dying } } });
    const wallet = await TestWallet.visit(shop.issuer, `${shop.origin}/book`);
    await wallet.initiate();
    await wallet.pay();
    await vi.waitFor(() => expect(entered).toBe(1));

    const told: HookEvent[] = [];
    const { keys, bundle } = await shop.issuer.merchant([shop.origin]);
    const time = { now: NOW + 10_000 };
    const restarted = createMerchant({
      keys,
      bundle,
      store,
      hooks: { paid: (event) => void told.push(event) },
      clock: () => time.now,
      logger: new TestLogger(),
      fetch: () => Promise.reject(new Error("no network")),
    });
    await vi.waitFor(() => expect(told).toHaveLength(1));
    expect(told[0]).toMatchObject({ id: `${wallet.subject.transactionNumber}.paid`, attempt: 2 });
    await restarted.close();
  });
});

const offer = { name: "Other", price: "1", goods: [{ content: "x" }] };

describe("fulfilment", () => {
  test("runs once for two proofs at once, and never again", async () => {
    let made = 0;
    const shop = await shopWith((app, merchant) => {
      app.use(merchant.router());
      const content = async () => `licence ${++made}`;
      app.get("/licence", merchant.sell({ name: "Licence", price: "9", content }));
    });
    const wallet = await TestWallet.visit(shop.issuer, `${shop.origin}/licence`);
    expect(made).toBe(0);
    await wallet.initiate();
    const [one, two] = await Promise.all([
      wallet.forward(await wallet.verdict()),
      wallet.forward(await wallet.verdict()),
    ]);
    expect(two.body).toEqual(one.body);
    await wallet.pay();
    expect(new TextDecoder().decode(await wallet.fetchGoods())).toBe("licence 1");
    expect(made).toBe(1);
  });

  test("that fails keeps the payment and is done when the wallet asks again", async () => {
    let broken = true;
    const shop = await shopWith((app, merchant) => {
      app.use(merchant.router());
      const content = () => {
        if (broken) throw new Error("licence server down");
        return Readable.from([Buffer.from("lic"), Buffer.from("ence")]);
      };
      app.get("/licence", merchant.sell({ name: "Licence", price: "9", content }));
    });
    const wallet = await TestWallet.visit(shop.issuer, `${shop.origin}/licence`);
    await wallet.initiate();
    const proof = await wallet.verdict();
    const reply = await wallet.forward(proof);
    expect([reply.status, reply.problem]).toEqual([503, "goods-unavailable"]);
    expect(new TextDecoder().decode(reply.body)).not.toContain("licence server");
    const number = wallet.subject.transactionNumber;
    expect((await shop.merchant.sale(number))?.state).toBe("paid");
    broken = false;
    expect((await wallet.forward(proof)).status).toBe(200);
    await wallet.pay();
    expect(new TextDecoder().decode(await wallet.fetchGoods())).toBe("licence");
    expect((await shop.merchant.sale(number))?.payments).toHaveLength(2);
  });

  test("finds its function after a restart, and its goods after another", async () => {
    const directory = temporaryDirectory();
    const path = join(directory, "shop.db");
    const handlers: { current: Parameters<Build>[1] | undefined } = { current: undefined };
    const shop = await shopWith(
      (app, merchant) => {
        handlers.current = merchant;
        // The shop is restarted behind the same port.
        app.use((...args) => handlers.current?.router()(...args));
        const sold = { id: "key", name: "Key", price: "1", content: () => "first" };
        app.get("/key", merchant.sell(sold));
      },
      { options: { store: sqliteStore(path), goodsDirectory: directory } },
    );
    const wallet = await TestWallet.visit(shop.issuer, `${shop.origin}/key`);
    await wallet.initiate();
    const proof = await wallet.verdict();
    const restart = (content?: () => string) => {
      const merchant = createMerchant({
        ...shop.files,
        store: sqliteStore(path),
        goodsDirectory: directory,
        clock: () => NOW,
        logger: shop.logger,
        background: false,
      });
      if (content !== undefined) merchant.sell({ id: "key", name: "Key", price: "1", content });
      handlers.current = merchant;
      onTestFinished(() => merchant.close());
    };
    restart();
    expect((await wallet.forward(proof)).problem).toBe("goods-unavailable");
    expect(shop.logger.text).toContain("seller-unknown");
    restart(() => "second");
    await wallet.pay();
    restart(() => "third");
    expect(new TextDecoder().decode(await wallet.fetchGoods())).toBe("second");
  });

  test("is asked for two sellers under one id at set-up, not at a sale", async () => {
    await shopWith((_app, merchant) => {
      merchant.sell({ name: "Key", price: "1", content: () => "one" });
      expect(() => merchant.sell({ name: "Key", price: "1", content: () => "two" })).toThrow(
        expect.objectContaining({ code: "seller-duplicate" }),
      );
    });
  });
});

describe("secrets", () => {
  test("addresses, keys and tokens reach no log, and no file of goods says whose they are", async () => {
    const shop = await shopWith((app, merchant) => {
      app.use(merchant.router());
      const delivery = () => {
        throw new Error("carrier down");
      };
      app.get("/mug", merchant.sell({ name: "Mug", price: "1", kind: "physical", delivery }));
    });
    const wallet = await TestWallet.visit(shop.issuer, `${shop.origin}/mug`);
    await wallet.initiate(ADDRESS);
    await wallet.forward(await wallet.verdict());
    expect(shop.logger.text).toContain("carrier down");
    const segments = Object.values(wallet.session.key).map(toBase64url);
    const secrets = ["Canary Street", shop.files.keys.sealingKey, shop.files.keys.signingKey];
    for (const secret of [...secrets, ...segments]) expect(shop.logger.text).not.toContain(secret);
  });
});

describe("starting", () => {
  async function files() {
    return new TestIssuer(NOW).merchant(["https://shop.example"]);
  }
  const start = (changes: object) =>
    createMerchant({
      store: memoryStore(),
      background: false,
      clock: () => NOW,
      logger: new TestLogger(),
      ...(changes as { keys: string; bundle: string }),
    });
  const failure = (work: () => unknown) => {
    try {
      work();
    } catch (error) {
      if (error instanceof MerchantError) return error;
      throw error;
    }
    throw new Error("It started.");
  };

  test("refuses keys of another application", async () => {
    const { keys } = await files();
    const { bundle } = await files();
    expect(failure(() => start({ keys, bundle })).code).toBe("keys-mismatch");
  });

  test("refuses a bundle under another root key, and says so", async () => {
    const { keys, bundle } = await files();
    const rootKey = toBase64url(crypto.randomBytes(32));
    expect(failure(() => start({ keys, bundle: { ...bundle, rootKey } })).code).toBe(
      "bundle-unreadable",
    );
  });

  test("refuses files that are missing or no JSON, without quoting them", async () => {
    const { keys, bundle } = await files();
    const path = join(temporaryDirectory(), "keys.json");
    writeFileSync(path, `{"v":1,"sealingKey":"secret-canary`);
    const error = failure(() => start({ keys: path, bundle }));
    expect(error.code).toBe("keys-unreadable");
    expect(error.message).not.toContain("canary");
    expect(String(error.cause)).not.toContain("canary");
    const missing = failure(() => start({ keys, bundle: "/nowhere.json" }));
    expect(missing).toMatchObject({ code: "bundle-unreadable" });
    expect(missing.message).toContain("chit-merchant fetch");
  });
});

describe("the key list", () => {
  test("is refreshed in the background, remembered, and never asked for in a sale", async () => {
    const issuer = new TestIssuer(NOW);
    const old = issuer.signer;
    const { keys, bundle } = await issuer.merchant(["https://shop.example"]);
    issuer.signer = nodeSigner(crypto.randomBytes(32));
    issuer.sequence = 7;
    const newer = await issuer.keyList([old, issuer.signer]);
    const store = memoryStore();
    const asked: string[] = [];
    const merchant = createMerchant({
      keys,
      bundle,
      store,
      goodsDirectory: temporaryDirectory(),
      clock: () => NOW,
      logger: new TestLogger(),
      batches: false,
      fetch: async (url) => {
        asked.push(String(url));
        return new Response(newer);
      },
    });
    await vi.waitFor(async () => expect(await store.keyList(bundle.issuer)).toBe(newer));
    await merchant.issueQuote("x", offer, "https://shop.example");
    expect(asked).toEqual([`${bundle.issuer}/.well-known/chit/keys`]);
    await merchant.close();
  });

  test("that cannot be fetched, or is forged, is a warning and no more", async () => {
    const issuer = new TestIssuer(NOW);
    const { keys, bundle } = await issuer.merchant(["https://shop.example"]);
    const forger = new TestIssuer(NOW);
    forger.sequence = 9;
    const forged = await forger.keyList();
    for (const fetch of [
      () => Promise.reject(new Error("no network")),
      () => Promise.resolve(new Response(forged)),
      () => Promise.resolve(new Response("x".repeat(100_000))),
      () => Promise.resolve(new Response("", { status: 500 })),
    ]) {
      const logger = new TestLogger();
      const store = memoryStore();
      const goodsDirectory = temporaryDirectory();
      const options = { keys, bundle, store, goodsDirectory, logger, fetch, clock: () => NOW };
      const merchant = createMerchant(options);
      await vi.waitFor(() => expect(logger.text).toContain("could not be refreshed"));
      expect(await store.keyList(bundle.issuer)).toBeUndefined();
      await merchant.issueQuote("x", offer, "https://shop.example");
      await merchant.close();
    }
  });
});
