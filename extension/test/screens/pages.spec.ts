/** The built pages at a browser's hand: keys, focus, the PIN, goods, accessibility. The background is a stage's. */
import { AxeBuilder } from "@axe-core/playwright";
import { expect, type Page, test } from "@playwright/test";
import { browserFlags, ensureBrowser } from "../../../scripts/find-browser.ts";
import { afterSaleScenarios } from "./after-sale-scenarios.ts";
import { backupScenarios } from "./backup-scenarios.ts";
import { article, book, complete, digital, longWinded, physical } from "./fixtures.ts";
import { homeScenarios } from "./home-scenarios.ts";
import { paymentScenarios } from "./payment-scenarios.ts";
import type { Answers, Scenario } from "./scenario.ts";
import { BUILT, playBackground, serve } from "./stage.ts";
import { november, statementScenarios } from "./statement-scenarios.ts";

const PIN = "483920";

test.use({
  launchOptions: { executablePath: ensureBrowser().path, args: [...browserFlags] },
  locale: "en-GB",
  viewport: { width: 420, height: 680 },
  // What is tested is the page at rest.
  contextOptions: { reducedMotion: "reduce" },
});

let stage: Awaited<ReturnType<typeof serve>>;
test.beforeAll(async () => {
  stage = await serve(BUILT);
});
test.afterAll(() => stage.close());

async function open(page: Page, scenario: Pick<Scenario, "page" | "answers">, language = "en") {
  await playBackground(page, BUILT, language, scenario.answers);
  await page.goto(`${stage.origin}/${scenario.page}`);
  await page.locator("h1").first().waitFor({ state: "attached" });
}

const payment = (purchase: typeof digital, more: Answers = {}) => ({
  page: `payment.html?purchase=${purchase.purchaseId}`,
  answers: {
    purchase: { ok: true, value: purchase },
    pay: { ok: true, value: { ...purchase, state: "session-initiated", confirmable: false } },
    decline: { ok: true, value: { ...purchase, state: "declined", confirmable: false } },
    addresses: { ok: true, value: [] },
    ...more,
  } satisfies Answers,
});

interface Asked {
  readonly name: string;
  readonly input: Readonly<Record<string, unknown>>;
}
/** What the page asked of the background under a name. */
const asked = (page: Page, name: string) =>
  page.evaluate(
    (wanted) =>
      (globalThis as unknown as { asked: Asked[] }).asked.filter((one) => one.name === wanted),
    name,
  );

test("an offer has the focus in the PIN; Enter pays once, and the PIN is gone from the page", async ({
  page,
}) => {
  await open(page, payment(digital));
  const pin = page.getByLabel("PIN", { exact: true });
  await expect(pin).toBeFocused();
  await page.keyboard.type(PIN);
  expect(await pin.getAttribute("type")).toBe("password");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Enter");
  await expect(page.getByText("Confirming with the shop …").first()).toBeAttached();
  const paid = await asked(page, "pay");
  expect(paid).toHaveLength(1);
  expect(paid[0]?.input).toMatchObject({ pin: PIN, address: null, rememberAddress: false });
  expect(await page.content()).not.toContain(PIN);
});

test("a PIN that is too short is not sent", async ({ page }) => {
  await open(page, payment(digital));
  await page.keyboard.type("123");
  await page.getByRole("button", { name: "Pay €4.90" }).click();
  await expect(page.getByText("A PIN has 6 to 12 digits.")).toBeVisible();
  await expect(page.getByLabel("PIN", { exact: true })).toBeFocused();
  expect(await asked(page, "pay")).toHaveLength(0);
});

test("after a wrong PIN the empty field has the focus again and says how many tries are left", async ({
  page,
}) => {
  const wrong = {
    ...digital,
    state: "quote-authenticated",
    accountKey: digital.accounts[0]?.accountKey ?? null,
    waiting: { code: "wrong-pin", detail: "" },
    wrongPin: { attemptsLeft: 1 },
  } as const;
  await open(page, payment(digital, { pay: { ok: true, value: wrong } }));
  await page.keyboard.type(PIN);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("alert").filter({ hasText: "One try left" })).toBeVisible();
  const pin = page.getByLabel("PIN", { exact: true });
  await expect(pin).toBeFocused();
  await expect(pin).toHaveValue("");
  await expect(pin).toHaveAttribute("aria-invalid", "true");
});

test("the PIN can be looked at, and hidden again", async ({ page }) => {
  await open(page, payment(digital));
  await page.keyboard.type(PIN);
  await page.getByRole("button", { name: "Show PIN" }).click();
  const pin = page.getByLabel("PIN", { exact: true });
  await expect(pin).toHaveAttribute("type", "text");
  await expect(pin).toHaveValue(PIN);
  await page.getByRole("button", { name: "Hide PIN" }).click();
  await expect(pin).toHaveAttribute("type", "password");
});

test("Escape declines an offer, and decides nothing once it is paid", async ({ page, context }) => {
  await open(page, payment(digital));
  // The window would be gone before it could be asked.
  await page.evaluate(() => {
    window.close = () => undefined;
  });
  await page.keyboard.press("Escape");
  await expect(page.getByRole("heading", { name: "Declined" })).toBeVisible();
  expect(await asked(page, "decline")).toHaveLength(1);

  const other = await context.newPage();
  await open(other, payment(complete));
  await other.evaluate(() => {
    window.close = () => undefined;
  });
  await other.keyboard.press("Escape");
  expect(await asked(other, "decline")).toHaveLength(0);
});

test("a first address is asked for, checked, and sent with the payment", async ({ page }) => {
  await open(page, payment(physical));
  await expect(page.getByLabel("Full name")).toBeFocused();
  await page.getByLabel("Full name").fill("Annemarie Oberhauser");
  await page.getByRole("button", { name: "Pay €27.80" }).click();
  await expect(page.getByLabel("Street and number")).toBeFocused();
  await page.getByLabel("Street and number").fill("Marktstraße 12");
  await page.getByLabel("Town or city").fill("Bad Tölz");
  await page.getByLabel("Country").selectOption({ label: "Germany" });
  await page.getByLabel("PIN", { exact: true }).fill(PIN);
  await page.keyboard.press("Enter");
  await expect.poll(() => asked(page, "pay")).toHaveLength(1);
  const [paid] = await asked(page, "pay");
  expect(paid?.input).toMatchObject({
    address: {
      name: "Annemarie Oberhauser",
      lines: ["Marktstraße 12"],
      city: "Bad Tölz",
      country: "DE",
    },
    rememberAddress: true,
  });
});

test("a shop's text stays text, and its HTML is saved, never opened", async ({ page }) => {
  await open(page, payment(longWinded));
  await expect(page.getByText("<b>kein</b>")).toBeVisible();
  expect(await page.locator(".lines b").count()).toBe(0);

  const goods = [{ ...article, presentation: "save", stored: true } as const, book];
  await open(page, payment({ ...complete, goods }));
  await expect(page.getByRole("button", { name: `Save ${article.name}` })).toBeVisible();
  await expect(page.getByRole("button", { name: /^Open/ })).toHaveCount(0);
});

test("the wallet's copy is saved under the shop's file name", async ({ page }) => {
  await open(page, payment({ ...complete, goods: [book] }));
  await page.evaluate(
    async ([purchaseId, goodsId]) => {
      const opening = indexedDB.open("chit-goods", 1);
      const database = await new Promise<IDBDatabase>((resolve, reject) => {
        opening.onupgradeneeded = () => {
          const keyPath = ["purchaseId", "goodsId"];
          opening.result.createObjectStore("segments", { keyPath: [...keyPath, "firstChunk"] });
          opening.result.createObjectStore("states", { keyPath });
        };
        opening.onsuccess = () => resolve(opening.result);
        opening.onerror = () => reject(opening.error);
      });
      const write = database.transaction(["segments", "states"], "readwrite");
      const bytes = new TextEncoder().encode("the goods");
      write.objectStore("segments").put({ purchaseId, goodsId, firstChunk: 0, bytes });
      const state = {
        purchaseId,
        goodsId,
        mediaType: "application/epub+zip",
        received: 9,
        verified: true,
      };
      write.objectStore("states").put(state);
      await new Promise((resolve) => {
        write.oncomplete = resolve;
      });
      database.close();
    },
    [complete.purchaseId, book.goodsId],
  );
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: `Save ${book.name}` }).click(),
  ]);
  expect(download.suggestedFilename()).toBe("harbour.epub");
  const chunks: Buffer[] = [];
  for await (const chunk of await download.createReadStream()) chunks.push(chunk as Buffer);
  expect(Buffer.concat(chunks).toString()).toBe("the goods");
});

test("at twice the size nothing leaves the window", async ({ page }) => {
  // A window of 420 pixels at a zoom of 200% is one of 210.
  await page.setViewportSize({ width: 210, height: 340 });
  for (const purchase of [physical, longWinded, complete]) {
    await open(page, payment(purchase));
    const tooWide = await page.evaluate(() =>
      [...document.querySelectorAll("body *:not(.only-heard, .only-heard *)")]
        .filter((element) => element.getBoundingClientRect().right > window.innerWidth + 1)
        .map((element) => `${element.tagName}.${element.getAttribute("class")}`),
    );
    expect(tooWide).toEqual([]);
  }
});

test("on paper a statement is black on white, a table, and without the window's controls", async ({
  page,
}) => {
  await page.emulateMedia({ colorScheme: "dark", media: "print" });
  const scenario = statementScenarios.find(({ name }) => name === "home-statement-month");
  await open(page, scenario as Scenario);
  await expect(page.getByRole("columnheader", { name: "Balance" })).toBeVisible();
  await expect(page.getByText("Statement number")).toBeVisible();
  await expect(page.getByRole("navigation")).toBeHidden();
  await expect(page.getByRole("button", { name: "Print" })).toBeHidden();
  const paddings = await page
    .locator("td.statement-balance")
    .evaluateAll((cells) => cells.map((cell) => getComputedStyle(cell).paddingInlineEnd));
  expect(new Set(paddings), "sums stand below each other").toEqual(new Set(["0px"]));
  await expect(page.locator("html")).toHaveCSS("background-color", "rgb(255, 255, 255)");
  await expect(page.locator("html")).toHaveCSS("color", "rgb(0, 0, 0)");
});

test("all lines of a long statement are printed, folded or not", async ({ page }) => {
  const scenario = statementScenarios.find(({ name }) => name === "home-statement-busy");
  await open(page, scenario as Scenario);
  const printed = page.evaluate(
    () =>
      new Promise((resolve) => {
        window.print = () => resolve(document.querySelectorAll("tbody tr").length);
      }),
  );
  expect(await page.locator("tbody tr").count()).toBe(300);
  await page.getByRole("button", { name: "Print" }).click();
  expect(await printed).toBe(700);
});

test("a statement is saved as a table without formulas, and signed as it came", async ({
  page,
}) => {
  const scenario = statementScenarios.find(({ name }) => name === "home-statement-month");
  await open(page, {
    ...(scenario as Scenario),
    answers: {
      ...scenario?.answers,
      statement: {
        ok: true,
        value: {
          ...november,
          lines: november.lines.map((line) => ({ ...line, name: "=1+1; =2" })),
        },
      },
    },
  });
  const save = async (name: string) => {
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name }).click(),
    ]);
    const chunks: Buffer[] = [];
    for await (const chunk of await download.createReadStream()) chunks.push(chunk as Buffer);
    return { name: download.suggestedFilename(), text: Buffer.concat(chunks).toString() };
  };
  const table = await save("Save as a table (CSV)");
  expect(table.name).toBe("chit-2026-11.csv");
  const [, first, second, third] = table.text.split("\r\n");
  expect(first).toMatch(/^2026-11-01 02:00:00,paid in,'=1\+1; '=2,,50\.00,,50\.00,EUR,/);
  expect(second).toContain(",payment,'=1+1; '=2,The Harbour at Night (e-book),,4.90,45.10,EUR,");
  expect(third).toContain(",made by another wallet of this account,,27.80,");
  expect(await save("Save signed statement")).toEqual({
    name: "chit-2026-11.jws",
    text: `${november.document}\n`,
  });
});

/** One of each kind of screen; `npm run screens` looks at all of them. */
const CHECKED = [
  "pay-offer-address-errors",
  "pay-offer-two-accounts",
  "pay-offer-wrong-pin",
  "pay-out-of-sequence",
  "pay-out-of-sequence-count",
  "pay-denied-held-lifted",
  "pay-shop-silent",
  "pay-receipt-delivery",
  "pay-receipt-file",
  "pay-denied-funds",
  "refusal-origin-not-certified",
  "home-setup-call",
  "home-overview",
  "home-devices",
  "home-devices-invited",
  "home-history",
  "home-purchase",
  "home-addresses-edit",
  "home-settings",
  "home-statements",
  "home-statement-month",
  "home-statement-missing",
  "home-funding",
  "backup-make-own",
  "backup-restore-done",
];
const scenarios = [
  ...paymentScenarios,
  ...homeScenarios,
  ...afterSaleScenarios,
  ...backupScenarios,
  ...statementScenarios,
];
const isChecked = ({ name }: Scenario) => CHECKED.includes(name);

for (const [scheme, language] of [
  ["light", "en"],
  ["dark", "de"],
] as const) {
  for (const scenario of scenarios.filter(isChecked)) {
    test(`${scenario.name}, ${scheme}: axe finds nothing, and the policy forbids nothing`, async ({
      page,
    }) => {
      const errors: string[] = [];
      page.on("console", (message) => {
        if (message.type() === "error") errors.push(message.text());
      });
      await page.emulateMedia({ colorScheme: scheme });
      await open(page, scenario, language);
      await scenario.act?.(page);
      const { violations } = await new AxeBuilder({ page }).analyze();
      expect(violations).toEqual([]);
      expect(errors).toEqual([]);
    });
  }
}
