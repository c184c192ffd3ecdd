/** What pages may not: frame, reach or command the wallet, or run anything in it. */
import { order, pay, payButton, thanks } from "./support/purchase.ts";
import { expect, test } from "./support/test.ts";

test("threat 19: no page can frame the wallet's pages or load any of its files", async ({
  wallet,
  shop,
}) => {
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

test("threat 18: a page cannot speak to the wallet, whatever it sends or posts", async ({
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

test("threat 20: a shop's text is text: markup is inert, and the longest names break nothing", async ({
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
