/** The back office over HTTP, on Express 4 and 5: who gets in, what the forms take, what the pages and lists say. */
import express, { type Request } from "express";
import { describe, expect, onTestFinished, test } from "vitest";
import {
  type BackOfficeOptions,
  createMerchant,
  type Merchant,
  memoryStore,
} from "../src/index.ts";
import { type ClearingShop, clearingShop } from "./clearing-shop.ts";
import { EXPRESS, NOW, openShop } from "./shop.ts";
import { TestIssuer, TestWallet } from "./world.ts";

const SAME = { "sec-fetch-site": "same-origin" };

/** A shop whose back office is open to whoever sends the name of a person. */
async function officeShop(
  options: Parameters<typeof clearingShop>[0] = {},
  office: Partial<BackOfficeOptions> = {},
): Promise<ClearingShop & { office: Office }> {
  const shop = await clearingShop(options, (app, merchant) => {
    const authenticate = (request: Request) => request.get("x-person") ?? null;
    app.use("/office", merchant.backOffice({ authenticate, ...office }));
  });
  return { ...shop, office: new Office(`${shop.origin}/office/`) };
}

/** Somebody at the desk. */
class Office {
  readonly root: string;
  readonly person: string;

  constructor(root: string, person = "Ada") {
    this.root = root;
    this.person = person;
  }

  async get(
    path = "",
    headers: Record<string, string> = {},
  ): Promise<{ status: number; text: string }> {
    const response = await this.fetch(path, { headers });
    return { status: response.status, text: await response.text() };
  }

  fetch(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = { "x-person": this.person, ...init.headers };
    return fetch(this.root + path, { redirect: "manual", ...init, headers });
  }

  async token(): Promise<string> {
    const { text } = await this.get("settlement");
    return /name="token" value="([^"]+)"/.exec(text)?.[1] ?? "";
  }

  async post(
    path: string,
    fields: Record<string, string>,
    headers: Record<string, string> = SAME,
  ): Promise<Response> {
    const body = new URLSearchParams({ token: await this.token(), ...fields });
    return this.fetch(path, { method: "POST", body, headers });
  }
}

async function lines(office: Office, path: string): Promise<string[]> {
  const { text } = await office.get(path);
  return text.replace("\ufeff", "").trimEnd().split("\r\n");
}

describe.each(EXPRESS)("the back office, on %s", (_name, express) => {
  test("shows a sale from its payment to its refund, and runs the batch", async () => {
    const shop = await openShop(
      (app, merchant) => {
        app.use(merchant.router());
        app.get("/book", merchant.sell({ name: "The book", price: "4.90", content: "Chit." }));
        app.use("/admin/office", merchant.backOffice({ authenticate: () => "Ada" }));
      },
      { express },
    );
    onTestFinished(() => shop.close());
    const wallet = await TestWallet.visit(shop.issuer, `${shop.origin}/book`);
    await wallet.initiate();
    await wallet.pay();
    const office = new Office(`${shop.origin}/admin/office/`);
    const number = wallet.subject.transactionNumber;
    expect(await office.get()).toMatchObject({
      status: 200,
      text: expect.stringContaining(number),
    });
    const sale = await office.get(`sales/${number}`);
    expect(sale.text).toContain("Payment accepted");
    const given = await office.post(`sales/${number}/refund`, {
      amount: "1.20",
      message: "Sorry.",
    });
    expect(given.status).toBe(303);
    const target = new URL(
      given.headers.get("location") ?? "",
      `${office.root}sales/${number}/refund`,
    );
    expect(await office.get(target.href.slice(office.root.length))).toMatchObject({
      text: expect.stringContaining("The refund is ordered."),
    });
    expect((await shop.merchant.sale(number))?.refund).toMatchObject({
      accepted: 12_000n,
      message: "Sorry.",
    });
  });

  test("begins at its root with a slash, wherever it is mounted", async () => {
    const shop = await openShop(
      (app, merchant) => {
        app.use("/a/b", merchant.backOffice({ authenticate: () => "Ada" }));
      },
      { express },
    );
    onTestFinished(() => shop.close());
    const bare = await fetch(`${shop.origin}/a/b`, { redirect: "manual" });
    expect([bare.status, bare.headers.get("location")]).toEqual([308, "b/"]);
    const css = await fetch(`${shop.origin}/a/b/office.css`);
    expect(css.headers.get("content-type")).toBe("text/css; charset=utf-8");
    expect((await fetch(`${shop.origin}/a/b/nowhere`)).status).toBe(404);
    expect((await fetch(`${shop.origin}/a/b/sales`, { method: "PUT" })).status).toBe(405);
  });
});

describe("who gets in", () => {
  test("is told by the merchant's function, without which there is no back office", async () => {
    const issuer = new TestIssuer(NOW);
    const { keys, bundle } = await issuer.merchant(["https://shop.example"]);
    const merchant: Merchant = createMerchant({
      keys,
      bundle,
      store: memoryStore(),
      clock: () => NOW,
      background: false,
    });
    onTestFinished(() => merchant.close());
    for (const options of [undefined, {}, { authenticate: true }, { authenticate() {}, hue: 1 }]) {
      expect(() => merchant.backOffice(options as never)).toThrow(
        expect.objectContaining({ code: "options-invalid" }),
      );
    }
    const timeZone = { authenticate: () => "Ada", timeZone: "Berlin" };
    expect(() => merchant.backOffice(timeZone)).toThrow("Europe/Berlin");
  });

  test("nobody sees anything: not a page, not a list, and no form does anything", async () => {
    const shop = await officeShop();
    const { subject } = await shop.bought();
    const number = subject.transactionNumber;
    const nobody = new Office(shop.office.root, "");
    for (const path of ["", "sales", `sales/${number}`, "sales.csv", "refunds", "reconciliation"]) {
      const { status, text } = await nobody.get(path);
      expect(status).toBe(401);
      expect(text).not.toContain(number);
    }
    const token = await shop.office.token();
    const refund = await nobody.post(`sales/${number}/refund`, { token, amount: "", message: "" });
    expect(refund.status).toBe(401);
    expect((await shop.merchant.sale(number))?.refund.accepted).toBe(0n);
  });

  test("may be sent to sign in by the merchant's function itself", async () => {
    const shop = await officeShop(
      {},
      {
        authenticate(_request, response) {
          response.redirect(303, "/login");
          return null;
        },
      },
    );
    const response = await shop.office.fetch("sales");
    expect([response.status, response.headers.get("location")]).toEqual([303, "/login"]);
  });
});

describe("a form", () => {
  test.each([
    ["another site", { "sec-fetch-site": "cross-site" }],
    ["another origin of the site", { "sec-fetch-site": "same-site" }],
    ["another origin, in an older browser", { origin: "https://evil.example" }],
    ["an unknown origin", { origin: "null" }],
    ["nowhere", {}],
  ])("from %s does nothing, also with the right token", async (_name, headers) => {
    const shop = await officeShop();
    const { subject } = await shop.bought();
    const number = subject.transactionNumber;
    const fields = { amount: "", message: "" };
    const refused = await shop.office.post(`sales/${number}/refund`, fields, headers);
    expect(refused.status).toBe(403);
    expect((await shop.merchant.sale(number))?.refund.accepted).toBe(0n);
  });

  test("does nothing with no token, another person's, a changed one or an old one", async () => {
    const shop = await officeShop();
    const { subject } = await shop.bought();
    const number = subject.transactionNumber;
    const token = await shop.office.token();
    const [at = "", tag = ""] = token.split(".");
    const others = [
      "",
      "x",
      await new Office(shop.office.root, "Eve").token(),
      `${Number(at) + 1}.${tag}`,
      `${at}.${tag.slice(0, -1)}${tag.endsWith("A") ? "B" : "A"}`,
    ];
    const refund = (used: string) =>
      shop.office.post(`sales/${number}/refund`, { token: used, amount: "", message: "" });
    for (const other of others) expect((await refund(other)).status).toBe(403);
    shop.time.now += 13 * 3_600;
    expect((await refund(token)).status).toBe(403);
    expect((await shop.merchant.sale(number))?.refund.accepted).toBe(0n);
    shop.time.now -= 13 * 3_600;
    const own = { origin: shop.origin };
    const older = await shop.office.post(
      `sales/${number}/refund`,
      { amount: "", message: "" },
      own,
    );
    expect(older.status).toBe(303);
    expect((await shop.merchant.sale(number))?.refund.accepted).toBe(49_000n);
  });

  test("is read also where express.urlencoded() has read it before", async () => {
    const shop = await openShop((app, merchant) => {
      app.use(merchant.router());
      app.get("/book", merchant.sell({ name: "The book", price: "4.90", content: "Chit." }));
      app.use(express.urlencoded(), express.json());
      app.use("/office", merchant.backOffice({ authenticate: () => "Ada" }));
    });
    onTestFinished(() => shop.close());
    const wallet = await TestWallet.visit(shop.issuer, `${shop.origin}/book`);
    const number = wallet.subject.transactionNumber;
    const office = new Office(`${shop.origin}/office/`);
    expect((await office.post(`quotes/${number}/cancel`, {})).status).toBe(303);
    expect((await shop.merchant.sale(number))?.state).toBe("cancelled");
  });

  test("with fields that it does not have, or too many bytes, is refused", async () => {
    const shop = await officeShop();
    const { subject } = await shop.bought();
    const path = `sales/${subject.transactionNumber}/refund`;
    expect((await shop.office.post(path, { amount: "" })).status).toBe(400);
    expect((await shop.office.post(path, { amount: "", message: "", x: "" })).status).toBe(400);
    const long = "x".repeat(20_000);
    expect((await shop.office.post(path, { amount: "", message: long })).status).toBe(400);
    for (const amount of ["0", "-1", "4.91", "1e3", "0.00001", "all"]) {
      expect((await shop.office.post(path, { amount, message: "" })).status).toBe(400);
    }
    expect((await shop.office.post(path, { amount: "1,5", message: "" })).status).toBe(303);
    const sale = await shop.merchant.sale(subject.transactionNumber);
    expect(sale?.refund.accepted).toBe(15_000n);
  });
});

describe("pages and lists", () => {
  test("let nothing of a shopper's or a shop's text be markup", async () => {
    const shop = await officeShop();
    const wallet = await shop.bought();
    const number = wallet.subject.transactionNumber;
    const text = `<script>alert("1")</script>`;
    await wallet.wish({ wish: "refund", reason: "other", text, amount: null });
    for (const path of ["", "refunds", `sales/${number}`, "sales?q=%3Cscript%3E%22"]) {
      const { text: page } = await shop.office.get(path);
      expect(page).not.toContain("<script");
    }
    expect((await shop.office.get("refunds")).text).toContain("&#60;script&#62;");
    const response = await shop.office.fetch("");
    expect(response.headers.get("content-security-policy")).toContain("default-src 'none'");
    expect(response.headers.get("cache-control")).toBe("no-store");
  });

  test("a refund that was asked for is accepted in part, or refused with a message", async () => {
    const shop = await officeShop();
    const wallets = [await shop.bought(), await shop.bought()];
    for (const wallet of wallets) {
      await wallet.wish({ wish: "refund", reason: "damaged", text: null, amount: null });
    }
    const [part = "", none = ""] = wallets.map(({ subject }) => subject.transactionNumber);
    expect((await shop.office.get()).text).toContain("Refunds to decide: 2");
    const accept = { decision: "accept", amount: "2", message: "" };
    expect((await shop.office.post(`refunds/${part}`, accept)).status).toBe(303);
    const silent = { decision: "refuse", amount: "4.90", message: " " };
    const { status } = await shop.office.post(`refunds/${none}`, silent);
    expect(status).toBe(400);
    const refuse = { ...silent, message: "It was\r\nread." };
    expect((await shop.office.post(`refunds/${none}`, refuse)).status).toBe(303);
    expect((await shop.merchant.sale(part))?.refund.accepted).toBe(20_000n);
    expect((await shop.merchant.sale(none))?.refund).toMatchObject({
      decision: "refused",
      message: "It was read.",
    });
    expect((await shop.office.get("refunds")).text).toContain("No shopper waits");
    const again = await shop.office.post(`refunds/${none}`, { ...accept, amount: "" });
    expect(again.status).toBe(400);
  });

  test("speak the reader's language, also in what a form suggests; a shop that sold nothing says so", async () => {
    const shop = await officeShop();
    const german = { "accept-language": "de-AT" };
    expect((await shop.office.get("sales")).text).toContain("No sale yet.");
    expect((await shop.office.get("sales?q=x")).text).toContain("No sale fits.");
    const wallet = await shop.bought();
    const number = wallet.subject.transactionNumber;
    await wallet.wish({ wish: "refund", reason: "damaged", text: null, amount: 12_500n });
    expect((await shop.office.get("refunds")).text).toContain('value="1.25"');
    const { text } = await shop.office.get("refunds", german);
    expect(text).toContain('value="1,25"');
    expect(text).toContain("bittet um 1,25\u00a0€ von 4,90\u00a0€");
    const accept = { decision: "accept", amount: "1,25", message: "" };
    expect((await shop.office.post(`refunds/${number}`, accept)).status).toBe(303);
    expect((await shop.merchant.sale(number))?.refund.accepted).toBe(12_500n);
  });

  test("sales are found by number and by reference, by state, and page by page", async () => {
    const shop = await officeShop();
    const numbers: string[] = [];
    for (let count = 0; count < 51; count += 1) {
      const issued = await fetch(`${shop.origin}/book`, {
        headers: { accept: "application/json" },
      });
      const { transactionNumber } = (await issued.json()) as { transactionNumber: string };
      numbers.push(transactionNumber);
    }
    const { subject } = await shop.bought();
    const find = async (path: string) => {
      const { text } = await shop.office.get(path);
      return [...text.matchAll(/href="(?:\.\.\/)*sales\/([\w-]{22})"/g)].map(([, found]) => found);
    };
    expect(await find(`sales?q=${numbers[7]}`)).toEqual([numbers[7]]);
    expect(await find("sales?state=paid")).toEqual([subject.transactionNumber]);
    expect(await find("sales?q=A-7&state=delivered")).toEqual([]);
    const { text } = await shop.office.get("sales");
    const next = /rel="next" href="([^"]+)"/.exec(text)?.[1]?.replaceAll("&#38;", "&") ?? "";
    const both = [...(await find("sales")), ...(await find(next))];
    expect(new Set(both)).toEqual(new Set([...numbers, subject.transactionNumber]));
    expect(both).toHaveLength(52);
    const open = await shop.office.get("quotes");
    expect(open.text).toContain(`quotes/${numbers[50]}/cancel`);
    expect((await shop.office.post(`quotes/${numbers[50]}/cancel`, {})).status).toBe(303);
    expect((await shop.merchant.sale(numbers[50] ?? ""))?.state).toBe("cancelled");
  });

  test("lists come as CSV, whole, and no cell is a formula", async () => {
    const shop = await officeShop();
    const issued = await shop.merchant.issueQuote(
      "x",
      {
        ...{
          name: '=HYPERLINK("http://evil.example")',
          price: "1.05",
          reference: "@SUM(A1); =1+1",
        },
        goods: [{ content: "x" }],
      },
      shop.origin,
    );
    for (let count = 0; count < 2; count += 1) await shop.bought();
    const [header, ...rows] = await lines(shop.office, "sales.csv");
    expect(header).toMatch(/^transaction_number,state,reference,/);
    expect(rows).toHaveLength(3);
    const row = rows.find((one) => one.includes(issued.transactionNumber)) ?? "";
    expect(row).toContain(`,'@SUM(A1); '=1+1,`);
    expect(row).toContain(
      `"'=HYPERLINK(""http://evil.example"")",1.05,EUR,2027-01-15T08:00:00.000Z`,
    );
    expect(await lines(shop.office, "sales.csv?state=paid")).toHaveLength(3);
    expect(await lines(shop.office, "quotes.csv")).toHaveLength(2);
    const response = await shop.office.fetch("sales.csv");
    expect(response.headers.get("content-disposition")).toBe('attachment; filename="sales.csv"');
  });

  test("settlement runs batches and fetches reports; a report shows its entries", async () => {
    const shop = await officeShop();
    const wallet = await shop.bought();
    const number = wallet.subject.transactionNumber;
    await shop.merchant.refund(number);
    expect((await shop.office.post("settlement/batch", {})).status).toBe(303);
    expect((await shop.merchant.sale(number))?.refund.given).toBe(49_000n);
    await shop.tps.settle([shop.entryOf(wallet)]);
    expect((await shop.office.post("settlement/reports", {})).status).toBe(303);
    expect((await shop.office.get("reports/1")).text).toContain(number);
    expect((await shop.office.get("reports/2")).status).toBe(404);
    expect((await shop.office.get("settlement")).text).toContain("€4.85");
    expect(await lines(shop.office, "reports.csv")).toHaveLength(2);
    expect(await lines(shop.office, "batches.csv")).toHaveLength(2);
    expect(await lines(shop.office, "refunds.csv")).toHaveLength(2);
    expect((await lines(shop.office, "reports/1.csv"))[1]).toContain("payment,settled,");
    shop.tps.interfere = async () => Promise.reject(new TypeError("fetch failed"));
    const away = await shop.office.post("settlement/reports", {});
    expect(away.status).toBe(503);
    expect(await away.text()).toContain("The operator cannot be reached just now.");
  });

  test("reconciliation shows what does not meet, with buttons that do it", async () => {
    const shop = await officeShop({ reportedPayments: "ask" });
    const wallet = await shop.begun();
    await shop.tps.settle([shop.entryOf(wallet)]);
    await shop.merchant.fetchReports();
    const page = await shop.office.get("reconciliation");
    expect(page.text).toContain("Record the payment");
    expect((await shop.office.get()).text).toContain("Things that do not add up: 1");
    expect(await lines(shop.office, "reconciliation.csv")).toHaveLength(2);
    const record = { action: "record", cycle: "1", index: "0" };
    expect((await shop.office.post("reconciliation", record)).status).toBe(303);
    expect((await shop.office.get("reconciliation")).text).toContain("Everything adds up.");
    const gone = await shop.office.post("reconciliation", { ...record, index: "7" });
    expect(gone.status).toBe(409);
    const strange = await shop.office.post("reconciliation", { action: "burn" });
    expect(strange.status).toBe(400);
    const after = await shop.office.get("reconciliation?after=x");
    expect(after.status).toBe(400);
  });

  test("speaks German to who reads German, or to all where the merchant says so", async () => {
    const shop = await officeShop({}, { timeZone: "Europe/Berlin" });
    await shop.bought();
    const german = await shop.office.get("", { "accept-language": "de-CH,de;q=0.9" });
    expect(german.text).toContain('<html lang="de">');
    expect(german.text).toContain("Übersicht");
    expect(german.text).toContain("09:00");
    expect((await shop.office.get("", { "accept-language": "fr" })).text).toContain("Overview");
    const all = await officeShop({}, { language: "de" });
    expect((await all.office.get()).text).toContain("Übersicht");
  });
});
