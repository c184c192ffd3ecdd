/** What pages and thieves may not: frame, reach or command the wallet, or find the PIN anywhere. */
import { databaseText, walletText } from "./support/dump.ts";
import { order, pay, payButton, thanks } from "./support/purchase.ts";
import { expect, test } from "./support/test.ts";

test("no page can frame the wallet's pages or load any of its files", async ({ wallet, shop }) => {
  const own = `chrome-extension://${wallet.extensionId}`;
  const paths = [
    "payment.html",
    "home.html",
    "background.js",
    "icons/chit-16.png",
    "manifest.json",
  ];
  shop.publish("/frames", `<title>F</title><iframe src="${own}/payment.html"></iframe>`);
  const page = await wallet.context.newPage();
  await page.goto(`${shop.origin}/frames`);
  const [, frame] = page.frames();
  await expect.poll(() => frame?.url()).toMatch(/^(chrome-error:|about:blank|$)/);
  for (const path of paths) {
    const reached = await page.evaluate(
      (url) =>
        fetch(url).then(
          () => true,
          () => false,
        ),
      `${own}/${path}`,
    );
    expect(reached, path).toBe(false);
    const image = await page.evaluate(
      (url) =>
        new Promise((resolve) => {
          const element = new Image();
          element.onload = () => resolve(true);
          element.onerror = () => resolve(false);
          element.src = url;
        }),
      `${own}/${path}`,
    );
    expect(image, path).toBe(false);
  }
  // The files are there all the same.
  const inside = await wallet.openWallet("home.html#/");
  expect(
    await inside.evaluate((url) => fetch(url).then(({ ok }) => ok), `${own}/icons/chit-16.png`),
  ).toBe(true);
});

test("a page cannot speak to the wallet, whatever it sends or posts", async ({
  wallet,
  shop,
  shopper,
}) => {
  const { page, window } = await order(wallet, shop, "/book");
  await expect(payButton(window)).toBeVisible();
  const answers = await page.evaluate(async (id) => {
    const request = { type: "wallet-request", name: "overview", input: {} };
    globalThis.postMessage(request, "*");
    new BroadcastChannel("chit-changes").postMessage(null);
    const chrome = (globalThis as { chrome?: { runtime?: Record<string, unknown> } }).chrome;
    const send = chrome?.runtime?.sendMessage as
      | ((id: string, message: unknown) => Promise<unknown>)
      | undefined;
    return send === undefined ? "no way" : send(id, request).catch(() => "refused");
  }, wallet.extensionId);
  expect(["no way", "refused"]).toContain(answers);
  await pay(window, wallet.pin);
  await expect(thanks(window)).toBeVisible();
  expect((await shopper.ledger()).balance).toBe(201_000n);
});

test("a shop's text is text: markup is inert, and the longest names break nothing", async ({
  wallet,
  shop,
}) => {
  const markup = '<img src=x onerror="document.title=1"><script>document.title=2</script>';
  const long = `${"Endless".repeat(16)} name`;
  await shop.publishQuote("/hostile", {
    name: "Hostile",
    lines: [
      { description: markup, price: "0.50" },
      { description: long, price: "0.50" },
    ],
    goods: [{ content: "x", name: markup, filename: "x.txt" }],
  });
  const { window } = await order(wallet, shop, "/hostile");
  await expect(window.getByRole("row").filter({ hasText: markup })).toBeVisible();
  await expect(window.getByRole("row").filter({ hasText: long })).toBeVisible();
  const overflow = await window.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  expect(overflow).toBe(0);
  await pay(window, wallet.pin);
  await expect(thanks(window)).toBeVisible();
  await expect(window.getByText(markup).first()).toBeVisible();
  await expect(window.locator("main img, main script")).toHaveCount(0);
  await expect(window).toHaveTitle(/^Paid Paper & Ink/);
});

test("the PIN is nowhere: not in the wallet's databases, the TPS's, its log, or on the wire", async ({
  wallet,
  shop,
  service,
  shopper,
}) => {
  const { window } = await order(wallet, shop, "/book");
  await pay(window, wallet.pin);
  await expect(thanks(window)).toBeVisible();
  const home = await wallet.openWallet("home.html#/");
  const inWallet = await walletText(home);
  const inDatabase = await databaseText(service.tps.deps.database);
  const onTheWire = [...service.line.exchanges, ...shop.line.exchanges]
    .map(
      ({ path, headers, body }) => `${path} ${JSON.stringify(headers)} ${body.toString("latin1")}`,
    )
    .join("\n");
  const [sale] = await shop.merchant.sales({});
  // What must be there is there: the search looks at the right things.
  expect(inWallet).toContain(shopper.accountId);
  expect(inWallet).toContain(sale?.transactionNumber);
  expect(inDatabase).toContain(sale?.transactionNumber);
  expect(onTheWire).toContain(sale?.transactionNumber);
  for (const text of [inWallet, inDatabase, onTheWire, service.log.join("\n")]) {
    expect(text.includes(wallet.pin)).toBe(false);
  }
  expect(service.log.join("\n")).not.toContain(shopper.accountId);
});
