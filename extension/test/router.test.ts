import { describe, expect, test, vi } from "vitest";
import type { RequestHandlers } from "../src/background/requests.ts";
import { createRouter, type MessageSender } from "../src/background/router.ts";
import { WalletError } from "../src/cts/errors.ts";

const ID = "abcdefghijklmnopabcdefghijklmnop";
const ORIGIN = `chrome-extension://${ID}`;

function router() {
  const onPointer = vi.fn(async () => undefined);
  const overview = vi.fn(async () => ({ accounts: [], recent: [], attention: [] }));
  const decline = vi.fn(async () => {
    throw new WalletError("unknown-purchase", "The wallet has no such purchase.");
  });
  const handlers = { overview, decline } as unknown as RequestHandlers;
  const route = createRouter({ extensionId: ID, extensionOrigin: ORIGIN, handlers, onPointer });
  return { route, onPointer, overview };
}

const ownPage: MessageSender = { id: ID, url: `${ORIGIN}/home.html#/`, origin: ORIGIN, frameId: 0 };
const shop = "https://shop.example";
const content: MessageSender = {
  id: ID,
  url: `${shop}/cart`,
  origin: shop,
  frameId: 0,
  documentLifecycle: "active",
  tab: { id: 7 },
};
const overview = { type: "wallet-request", name: "overview", input: {} };
const pointer = { type: "page-pointer", relation: "payment-quote", url: `${shop}/chit/quotes/1` };

describe("the wallet's own pages", () => {
  test("get answers, also from a window of their own", async () => {
    const { route } = router();
    const value = { accounts: [], recent: [], attention: [] };
    expect(await route(overview, ownPage)).toEqual({ ok: true, value });
    const inWindow = { ...ownPage, tab: { id: 3 } };
    expect(await route(overview, inWindow)).toEqual({ ok: true, value });
  });

  test.each([
    ["an unknown request", { type: "wallet-request", name: "drain", input: {} }],
    ["a name that every object has", { type: "wallet-request", name: "toString", input: {} }],
    ["an unknown field", { ...overview, more: 1 }],
    ["an unknown field of the input", { ...overview, input: { more: 1 } }],
    ["a wrong input", { type: "wallet-request", name: "decline", input: { purchaseId: "x" } }],
    ["no message at all", null],
    ["a content script's message", pointer],
  ])("are refused %s", async (_name, message) => {
    const { route, onPointer } = router();
    expect(await route(message, ownPage)).toMatchObject({
      ok: false,
      failure: { code: "malformed-message" },
    });
    expect(onPointer).not.toHaveBeenCalled();
  });

  test("get failures with their codes", async () => {
    const { route } = router();
    const input = { purchaseId: "AAAAAAAAAAAAAAAAAAAAAA" };
    const message = { type: "wallet-request", name: "decline", input };
    expect(await route(message, ownPage)).toEqual({
      ok: false,
      failure: { code: "unknown-purchase", detail: "The wallet has no such purchase." },
    });
  });
});

describe("a content script", () => {
  test("may tell one URL of its own page's origin", async () => {
    const { route, onPointer } = router();
    await route(pointer, content);
    expect(onPointer).toHaveBeenCalledExactlyOnceWith(pointer, shop, 7);
  });

  test("threat 18: a page’s content script may ask the wallet nothing", async () => {
    const { route, overview: handler, onPointer } = router();
    expect(await route(overview, content)).toBeNull();
    expect(handler).not.toHaveBeenCalled();
    expect(onPointer).not.toHaveBeenCalled();
  });

  test.each<[string, object]>([
    ["another origin", { url: "https://bank.example/chit/quotes/1" }],
    ["another scheme", { url: "http://shop.example/chit/quotes/1" }],
    ["a script", { url: "javascript:alert(1)" }],
    ["a file", { url: "file:///etc/passwd" }],
    ["a relative address", { url: "/chit/quotes/1" }],
    ["a user name in it", { url: "https://a@shop.example/" }],
    ["no end", { url: `${shop}/${"a".repeat(3_000)}` }],
    ["another relation", { relation: "preload" }],
    ["more than a URL", { amount: "1" }],
  ])("threat 18: a content script is ignored when its pointer has %s", async (_name, change) => {
    const { route, onPointer } = router();
    await route({ ...pointer, ...change }, content);
    expect(onPointer).not.toHaveBeenCalled();
  });

  test.each<[string, object]>([
    ["in a frame", { frameId: 4 }],
    ["in a page that is only prerendered", { documentLifecycle: "prerender" }],
    ["in a page in the back/forward cache", { documentLifecycle: "cached" }],
    ["without a tab", { tab: undefined }],
    ["of another extension", { id: "ponmlkjihgfedcbaponmlkjihgfedcba" }],
    ["whose origin does not fit its address", { origin: "https://bank.example" }],
    [
      "in a page without encryption",
      { url: "http://shop.example/", origin: "http://shop.example" },
    ],
    ["in a sandboxed page", { origin: "null" }],
  ])("threat 18: a content script is ignored %s", async (_name, change) => {
    const { route, onPointer } = router();
    await route(pointer, { ...content, ...change });
    expect(onPointer).not.toHaveBeenCalled();
  });

  test("cannot pass for a page of the wallet by its address's looks", async () => {
    const { route, overview: handler } = router();
    for (const url of [
      `https://${ID}/home.html`,
      `https://shop.example/${ORIGIN}/home.html`,
      `chrome-extension://${ID}.shop.example/home.html`,
    ]) {
      await route(overview, { ...content, url, origin: undefined });
    }
    expect(handler).not.toHaveBeenCalled();
  });
});
