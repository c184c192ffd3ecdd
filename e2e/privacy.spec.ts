/**
 * What shops learn from wallets. Of everything that left them, two purchases of one shopper have nothing in common
 * that two purchases of two shoppers have not, though the shop plants marks wherever a browser might keep them.
 */
import { type Destination, HOME } from "./support/address.ts";
import { openBrowser } from "./support/browser.ts";
import type { Exchange, Line } from "./support/line.ts";
import { type Facts, factsOf, inCommon, linking, type Sent } from "./support/linkage.ts";
import type { PaymentService } from "./support/payment-service.ts";
import { openShop } from "./support/shop.ts";
import { expect, type ReadyWallet, setUpWallet, test } from "./support/test.ts";
import { listenInPages, type Trace, tracePurchase } from "./support/wallet-trace.ts";

const OFFICE: Destination = {
  name: "Augusta King",
  street: "Rue des Moulins 77",
  postalCode: "75002",
  city: "Paris",
  country: "FR",
};
const FARM: Destination = {
  name: "Hans Huber",
  street: "Feldweg 305",
  postalCode: "6020",
  city: "Innsbruck",
  country: "AT",
};

/** What two purchases may have in common, and why it tells nobody who the shopper is. */
const SHARED_BY_ALL: readonly { readonly place: RegExp; readonly because: string }[] = [
  { place: / (path names|path\.[0-2])$/, because: "the endpoints' addresses" },
  { place: / (order|headers names)$/, because: "the browser's make decides it" },
  {
    place: / headers\.(accept|accept-encoding|cache-control|connection|pragma|sec-fetch-\w+)$/,
    because: "the browser's make, and how the wallet asks",
  },
  { place: / headers\.user-agent$/, because: "the browser's make and version" },
  { place: / headers\.accept-language$/, because: "the wallet's own, for all: *" },
  { place: / headers\.origin$/, because: "the wallet's id, one for all installations" },
  { place: / headers\.host$/, because: "the shop" },
  { place: / headers\.content-length$/, because: "what is sealed is padded" },
  { place: / (body|plain|opened|\S*jws\[\d\]|events)[\w.[\]]* names$/, because: "the protocol" },
  { place: / body[\w.[\]]*\.(v|type|suite|typ|alg|scale|currency)$/, because: "the protocol" },
  { place: / body[\w.]*\.(keyId|merchantId)$/, because: "the shop" },
  { place: / body\.proof\.jws\[\d\]\.(kid|iss|merchantId)$/, because: "operator and shop" },
  { place: / body\.proof\.jws\[1\]\.amount$/, because: "the price" },
  { place: / body\.firstChunk$/, because: "goods are asked for from their start" },
  { place: / body$/, because: "nothing is sent with a GET" },
  {
    place: / opened\.(address|loyalty|session\.sealedHash)$/,
    because: "no address and no name by default, and the hash of that",
  },
  { place: /^page events\./, because: "the states of a purchase, and goods as the shop made them" },
];

/** Answers as a shop does that wants to know its visitors again. */
function plantMarks(line: Line, visitor: () => string): void {
  line.interfere(async ({ path }, pass) => {
    const reply = await pass();
    const marks = {
      "set-cookie": `visitor=${visitor()}; Max-Age=100000; Path=/`,
      etag: `"${visitor()}"`,
      "last-modified": "Tue, 03 Mar 2026 03:03:03 GMT",
      "accept-ch": "Device-Memory, DPR, Viewport-Width, Sec-CH-UA-Full-Version-List",
      // Not the pages for sale: each must be a new offer.
      ...(path.startsWith("/chit/") ? { "cache-control": "max-age=100000" } : {}),
    };
    return { ...reply, headers: { ...reply.headers, ...marks } };
  });
}

async function openWallet(
  service: PaymentService,
  options: Parameters<typeof openBrowser>[0] = {},
): Promise<ReadyWallet> {
  const browser = await openBrowser(options);
  const pin = await setUpWallet(browser, await service.openShopper(100n));
  await listenInPages(browser);
  return { ...browser, pin };
}

const facts = ({ sent }: Trace) => factsOf(sent);
const placesOf = (found: Facts) => [...new Set(found.values())].sort();
const connections = (exchanges: readonly Exchange[]) => exchanges.map((one) => one.connection);

test("privacy: two purchases of one shopper have nothing in common but what all shoppers share", async ({
  service,
}) => {
  test.setTimeout(240_000);
  let visitor = "";
  // Both ask to recognise their customers; nobody ticks the box.
  const asking = { persistent: true, loyalty: true };
  const shop = await openShop(service.tps, asking);
  const other = await openShop(service.tps, { ...asking, name: "Other Things" });
  for (const { line } of [shop, other]) plantMarks(line, () => visitor);
  const ada = await openWallet(service);
  const bea = await openWallet(service, { locale: "fr-CH", colorScheme: "dark" });
  try {
    visitor = "ada-7c1f55e2";
    const adas = {
      book: await tracePurchase(ada, shop, "/book"),
      article: await tracePurchase(ada, shop, "/article"),
      mug: await tracePurchase(ada, shop, "/mug", HOME),
      secondMug: await tracePurchase(ada, shop, "/mug", OFFICE),
      elsewhere: await tracePurchase(ada, other, "/book"),
    };
    visitor = "bea-91d0b3aa";
    const beas = {
      book: await tracePurchase(bea, shop, "/book"),
      article: await tracePurchase(bea, shop, "/article"),
      mug: await tracePurchase(bea, shop, "/mug", FARM),
      elsewhere: await tracePurchase(bea, other, "/book"),
    };

    const pairs = [
      { one: adas.book, another: adas.article, bea: [beas.book, beas.article] },
      { one: adas.mug, another: adas.secondMug, bea: [beas.mug, beas.mug] },
      { one: adas.book, another: adas.elsewhere, bea: [beas.book, beas.elsewhere] },
      { one: adas.article, another: adas.secondMug, bea: [beas.article, beas.mug] },
    ] as const;
    for (const { one, another, bea: strangers } of pairs) {
      const same = [facts(one), facts(another)] as const;
      expect(placesOf(linking(same, [facts(one), facts(strangers[1])]))).toEqual([]);
      expect(placesOf(linking(same, [facts(strangers[0]), facts(another)]))).toEqual([]);
      const unexplained = placesOf(inCommon(...same)).filter(
        (place) => !SHARED_BY_ALL.some((entry) => entry.place.test(place)),
      );
      expect(unexplained).toEqual([]);
    }

    // The search looks at the right things: all requests, opened to the last field; browsers and visitors differ.
    const steps = adas.book.sent.map(({ step }) => step);
    expect(steps).toEqual([
      "GET /chit/quotes",
      "POST /chit/session",
      "POST /chit/proof",
      "POST /chit/goods",
      "page",
    ]);
    for (const place of [
      "POST /chit/session body.enc",
      "POST /chit/session opened.session.key.token",
      "POST /chit/proof body.proof.jws[1].jti",
    ]) {
      expect(placesOf(facts(adas.book))).toContain(place);
    }
    expect(placesOf(facts(adas.mug))).toContain("POST /chit/session opened.address.city");
    expect(adas.article.pageRequests[0]?.headers).toMatchObject({
      cookie: "visitor=ada-7c1f55e2",
      "accept-language": "en-GB",
    });
    expect(beas.article.pageRequests[0]?.headers).toMatchObject({
      cookie: "visitor=bea-91d0b3aa",
      "accept-language": "fr-CH",
    });

    // The wallet never speaks over a connection on which the page's cookies went (docs/PRIVACY.md).
    for (const { walletRequests, pageRequests } of [adas.article, adas.elsewhere, beas.article]) {
      const shared = connections(walletRequests).filter((one) =>
        connections(pageRequests).includes(one),
      );
      expect(shared).toEqual([]);
    }
  } finally {
    for (const opened of [ada, bea, shop, other]) await opened.close();
  }
});

test("privacy: a mark that a wallet leaves is found wherever it hides", () => {
  const mark = Buffer.from("4d41524b31323334", "hex");
  const noise = (length: number) => globalThis.crypto.getRandomValues(new Uint8Array(length));
  const sealed = (before: number) => Buffer.concat([noise(before), mark, noise(40)]);
  const jws = (payload: object) =>
    ["{}", JSON.stringify(payload), "x".repeat(64)]
      .map((part) => Buffer.from(part).toString("base64url"))
      .join(".");
  const json = (value: unknown) => Buffer.from(JSON.stringify(value));
  const hidden: Record<string, (before: number) => Sent["parts"]> = {
    "in a header": () => ({ headers: { "x-lucky": "7" } }),
    "in an address": () => ({ path: ["chit", "quotes", "9"] }),
    "in a small field": () => ({ body: json({ v: 1, slot: 3 }) }),
    "in a name": () => ({ body: json({ v: 1, walletOfAda: noise(1)[0] }) }),
    "in what is sealed, anywhere": (before) => ({
      body: json({ ciphertext: sealed(before).toString("base64url") }),
    }),
    "in raw bytes": (before) => ({ body: sealed(before) }),
    "in a signed document": (before) => ({
      body: json({ proof: jws({ jti: sealed(before).toString("base64url") }) }),
    }),
    "in what the page is told": () => ({ events: [["chit-goods", '{"wallet":"a"}']] }),
  };
  for (const [where, parts] of Object.entries(hidden)) {
    const [one, another] = [5, 18].map((before) => factsOf([{ step: "s", parts: parts(before) }]));
    if (one === undefined || another === undefined) throw new Error("Two were made.");
    const stranger = factsOf([{ step: "s", parts: { body: json({ v: 1, slot: 4 }) } }]);
    expect(linking([one, another], [one, stranger]).size, where).toBeGreaterThan(0);
  }
});
