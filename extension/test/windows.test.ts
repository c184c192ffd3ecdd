/** Windows that pages can have opened: on the wallet's real store, with the browser's part recorded. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Browser } from "webextension-polyfill";
import { createSurfaces, type Surfaces } from "../src/background/surfaces.ts";
import { WALLET_LIMITS } from "../src/cts/limits.ts";
import { backUp, bought, newComputer, restoreInto } from "./support/backup.ts";
import { createWorld, type Life, type World, withAccount } from "./support/world.ts";

const { tabWindows, tabWindowSeconds } = WALLET_LIMITS;

let world: World;
let life: Life;
beforeEach(async () => {
  world = await createWorld();
  life = await world.start();
});
afterEach(() => world.stop());

/** A browser with windows that open, are found again and are raised. */
function recordingBrowser() {
  const open: { id: number; windowId: number; url: string }[] = [];
  /** Each time that something comes before what the shopper looks at. */
  const raised = vi.fn();
  const badge = vi.fn(async (_: { text: string }) => undefined);
  const sent = vi.fn(async (_tabId: number, _message: { type: string }) => undefined);
  const browser = {
    runtime: { getURL: (path: string) => `chrome-extension://wallet/${path}` },
    windows: {
      async create({ url }: { url: string }) {
        raised(url);
        const id = open.length + 100;
        open.push({ id, windowId: id, url });
        return { id };
      },
      async update() {
        raised("again");
      },
    },
    tabs: {
      query: async ({ windowId }: { windowId?: number }) =>
        open.filter((tab) => windowId === undefined || tab.windowId === windowId),
      update: async () => undefined,
      create: async ({ url }: { url: string }) => raised(url),
      sendMessage: sent,
    },
    action: { setBadgeText: badge },
    alarms: { get: async () => undefined, create: () => undefined, clear: async () => true },
  };
  return { browser: browser as unknown as Browser, raised, badge, sent };
}

function surfacesOf(browser: Browser): Surfaces {
  return createSurfaces({ ...life.deps, rest: async () => undefined }, browser, {
    postMessage: () => undefined,
  });
}

/** A page in this tab points at an address of its own choice. */
async function point(surfaces: Surfaces, quoteUrl: string, tabId: number): Promise<void> {
  const pageOrigin = world.mts.server.origin;
  await surfaces.show(await life.wallet.takeQuote({ quoteUrl, pageOrigin, tabId }), tabId);
}

describe("a page that changes its pointer again and again", () => {
  test("has a few refusals raised, and then one now and then", async () => {
    const { browser, raised } = recordingBrowser();
    const surfaces = surfacesOf(browser);
    const pointOften = async (times: number) => {
      for (let time = 0; time < times; time += 1) {
        await point(surfaces, `${world.mts.server.origin}/none/${time}`, 1);
      }
    };
    await pointOften(tabWindows + 10);
    expect(raised).toHaveBeenCalledTimes(tabWindows);
    world.clock.now += tabWindowSeconds;
    await pointOften(3);
    expect(raised).toHaveBeenCalledTimes(tabWindows + 1);
    // A long rest fills the bucket, and no further.
    world.clock.now += 1_000 * tabWindowSeconds;
    await pointOften(tabWindows + 10);
    expect(raised).toHaveBeenCalledTimes(2 * tabWindows + 1);
    // A clock that is set back keeps nothing shut for longer.
    world.clock.now -= 1_000_000;
    await pointOften(1);
    world.clock.now += tabWindowSeconds;
    await pointOften(1);
    expect(raised).toHaveBeenCalledTimes(2 * tabWindows + 2);
  });

  test("still has its offers counted in the badge, and takes no windows from other tabs", async () => {
    await withAccount(world, life);
    const { browser, raised, badge } = recordingBrowser();
    const surfaces = surfacesOf(browser);
    const offers = tabWindows + 3;
    for (let time = 0; time < offers; time += 1) await point(surfaces, world.mts.offer(), 1);
    expect(raised).toHaveBeenCalledTimes(tabWindows);
    await vi.waitFor(() => expect(badge).toHaveBeenLastCalledWith({ text: String(offers) }));
    await point(surfaces, world.mts.offer(), 2);
    expect(raised).toHaveBeenCalledTimes(tabWindows + 1);
  });

  test("opens the set-up no more often with one activation link after another", async () => {
    const { browser, raised } = recordingBrowser();
    const surfaces = surfacesOf(browser);
    for (let time = 0; time < tabWindows + 10; time += 1) {
      await surfaces.showSetup(world.tps.link, 1);
    }
    expect(raised).toHaveBeenCalledTimes(tabWindows);
    // What the shopper asks for comes at any time.
    await surfaces.showSetup(null, null);
    expect(raised).toHaveBeenCalledTimes(tabWindows + 1);
  });
});

test("an article that a backup brings is handed to no page before its account is connected", async () => {
  world.mts.presentation = "page";
  await withAccount(world, life);
  const { quoteUrl } = await bought(world, life);
  const pagesOf = async (owner: Life) => {
    life = owner;
    const { browser, sent } = recordingBrowser();
    await point(surfacesOf(browser), quoteUrl, 7);
    return sent.mock.calls.map(([tabId, { type }]) => [tabId, type]);
  };
  const file = await backUp(life, true);
  expect(await pagesOf(life)).toContainEqual([7, "page-goods"]);
  const next = await newComputer(world);
  await restoreInto(next, file);
  expect(await pagesOf(next)).not.toContainEqual([7, "page-goods"]);
});
