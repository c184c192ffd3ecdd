/** The operator's commands of a settlement day, on a real database; and the server that settles by itself. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { allChores } from "../../src/chores/all-chores.ts";
import { settle } from "../../src/clearing/settle.ts";
import { systemPlatform } from "../../src/platform.ts";
import { cliOf } from "../support/cli.ts";
import { createMerchant, type Merchant } from "../support/merchant.ts";
import { reportOf } from "../support/settlement.ts";
import { createWallet, type Wallet } from "../support/wallet.ts";
import { createWorld, id, type World } from "../support/world.ts";

let world: World;
let directory: string;
let wallet: Wallet;
let shop: Merchant;
beforeAll(async () => {
  world = await createWorld();
  directory = await mkdtemp(join(tmpdir(), "chit-settlement-"));
  wallet = await createWallet(world, 50_000_000n);
  shop = await createMerchant(world);
});
afterAll(async () => {
  await world.close();
  await rm(directory, { recursive: true, force: true });
});

const run = cliOf(
  () => world,
  () => ({
    platform: { ...systemPlatform, nowSeconds: () => world.now },
    environment: { CHIT_DATA_DIR: directory },
  }),
);

/** The cells of the lines that begin so, for tables of which the widths are not of matter. */
const cells = (out: string, start: string) =>
  out
    .split("\n")
    .filter((line) => line.startsWith(start))
    .map((line) => line.split(/ {2,}/));

test("from fees to the bank's answer", async () => {
  const { merchantId } = shop;
  await run("fees", "set", "--percent", "1.50", "--fixed", "0.05");
  const fees = await run("fees", "set", "--merchant", merchantId, "--percent", "2");
  expect(cells(fees.out, "all others")[0]?.slice(0, 3)).toEqual([
    "all others",
    "1.50 %",
    "0.05 EUR",
  ]);
  expect(cells(fees.out, "Paper & Ink")[0]).toContain("2.00 %");
  await run("fees", "set", "--merchant", merchantId, "--default");
  await run(
    "merchant",
    "payout-account",
    merchantId,
    "--name",
    "Paper & Ink Ltd",
    "--iban",
    "DE89370400440532013000",
  );
  await run("funding", "bank", "--holder", "Example Pay", "--iban", "GB82WEST12345698765432");
  await wallet.pay({ merchantId, amount: 1_234_500n });
  const spoilt = id();
  await wallet.pay({ merchantId, amount: 10_000n, transactionNumber: spoilt });
  await world.database.query(
    "update payments set device_signature = sha512(device_signature) where transaction_number = $1",
    [spoilt],
  );
  const other = await createMerchant(world);
  await wallet.pay({ merchantId: other.merchantId, amount: 7_777n });
  world.now += 3_600;

  const settled = await run("settle");
  expect(settled.code).toBe(0);
  // 1.5 % and 0.05 of 123.45: 1.85175 + 0.05.
  const [first] = cells(settled.out, "Paper & Ink").filter((line) => line.includes("121.5400"));
  expect(first).toEqual([
    `Paper & Ink (${merchantId})`,
    "-",
    "1",
    "123.4500",
    "1.9017",
    "-",
    "-",
    "121.5400",
    "0.0083",
    "1.0000",
  ]);
  expect(cells(settled.out, "all")[0]).toEqual([
    "all",
    "-",
    "2",
    "124.2277",
    "1.9633",
    "-",
    "-",
    "121.5400",
    "0.7244",
    "1.0000",
  ]);
  expect(settled.said).toContain("Verifying signatures: 0 of 3 payments");
  expect(settled.said).toContain("chit-tps settlement held-back");
  expect((await run("settlement", "show", "1")).out.trim()).toBe(
    settled.out.slice(settled.out.indexOf("MERCHANT")).trim(),
  );
  expect(cells((await run("settlement", "list")).out, "    1")[0]).toContain("done");
  expect((await run("alarm", "list")).out).toContain("payments-held-back");

  const held = await run("settlement", "held-back");
  expect(held.out).toContain("the device's signature does not verify (signature-invalid)");
  const paymentId = /payment +(\S+)/.exec(held.out)?.[1] ?? "";
  expect((await run("settlement", "refund", paymentId)).out).toContain("1.00 EUR of the payment");
  expect((await run("settlement", "held-back")).out).toBe("No payment is held back.\n");
  expect((await run("settlement", "held-back", "--all")).out).toContain("refunded by");

  expect((await run("payout", "list")).out).toContain("121.54 EUR");
  const file = await run("payout", "file", "--out", join(directory, "bank"));
  const fileId = /file +(CHIT-\S+)/.exec(file.out)?.[1] ?? "";
  const xml = await readFile(join(directory, "bank", `${fileId}.xml`), "utf8");
  expect(xml).toContain("<IBAN>DE89370400440532013000</IBAN>");
  await run("payout", "file", "--again", fileId, "--out", join(directory, "again"));
  expect(await readFile(join(directory, "again", `${fileId}.xml`), "utf8")).toBe(xml);
  expect(await readFile(join(directory, "bank", `${fileId}.csv`), "utf8")).toContain("121.54,EUR");
  expect((await run("payout", "done", fileId)).out).toBe("1 payout is done.\n");
  expect((await run("payout", "list")).out).toBe("No payout waits.\n");
  const payoutId = /<EndToEndId>(\S+)<\/EndToEndId>/.exec(xml)?.[1] ?? "";
  await run("payout", "failed", payoutId, "--reason", "AC04");
  expect((await run("payout", "list", "--all")).out).toMatch(/failed .*AC04/);
  expect((await run("payout", "minimum", "5")).out).toBe("smallest payout  5.00 EUR\n");

  const copy = await run("settlement", "report", "1", merchantId);
  const { document } = (await reportOf(shop, 1)) ?? {};
  expect(JSON.parse(copy.out)).toMatchObject({ document, pages: [expect.any(String)] });

  const audited = await run("audit", "--all");
  expect(audited).toMatchObject({ code: 0 });
  expect(audited.out).toContain("The books balance, and every record is what it should be.");
  for (const each of [fees, settled, held, file, audited]) shown.push(each.out);
});

/** What an operator has seen, for whoever wants to look: SHOW=1. */
const shown: string[] = [];
afterAll(() => {
  if (process.env.SHOW === "1") console.log(shown.join("\n\n"));
});

test("an audit that finds something ends with exit code 1 and names it", async () => {
  await world.database.query(
    "update merchant_accounts set balance = balance + 100 where merchant_id = $1",
    [shop.merchantId],
  );
  const audited = await run("audit");
  expect(audited.code).toBe(1);
  expect(audited.out).toContain(`merchant ${shop.merchantId}: balance`);
  expect(audited.said).toContain(
    "The books do not balance: 0.01 EUR too much in them; 1 records are",
  );
  shown.push(audited.out);
  const settled = await run("settle");
  expect(settled).toMatchObject({ code: 1, said: expect.stringContaining("(books-differ)") });
  expect(settled.said).toContain(shop.merchantId);
  await world.database.query(
    "update merchant_accounts set balance = balance - 100 where merchant_id = $1",
    [shop.merchantId],
  );
  const again = await run("settle");
  expect(again).toMatchObject({ code: 0, said: expect.stringContaining("had been broken off") });
});

test.each([
  [["settle", "--until", "yesterday"], "usage-invalid"],
  [["settle", "--until", "2030-01-01T00:00:00Z"], "setting-invalid"],
  [["settlement", "show", "99"], "report-unknown"],
  [["settlement", "report", "1", "nobody"], "report-unknown"],
  [["settlement", "release", "nothing"], "held-payment-unknown"],
  [["fees", "set"], "usage-invalid"],
  [["fees", "set", "--default"], "usage-invalid"],
  [["fees", "set", "--percent", "101"], "setting-invalid"],
  [["fees", "set", "--fixed", "-1"], "setting-invalid"],
  [["payout", "done", "nothing"], "payout-unknown"],
  [["payout", "file", "--again", "nothing"], "payout-unknown"],
  [["payout", "minimum", "-1"], "setting-invalid"],
  [
    ["merchant", "payout-account", "nobody", "--name", "x", "--iban", "DE89370400440532013000"],
    "merchant-unknown",
  ],
  [["merchant", "payout-account", "nobody"], "usage-invalid"],
])("%j is refused with a code", async (args, code) => {
  expect(await run(...args)).toMatchObject({ code: 1, said: expect.stringContaining(`(${code})`) });
});

describe("a server that settles by itself", () => {
  const chore = (hours: number) =>
    allChores(world.deps, hours * 3_600).find(({ name }) => name === "settlement");
  const cycles = async () => (await world.database.query("select 1 from settlements")).length;

  test("does it when a cycle is due, and only when it was told to", async () => {
    expect(allChores(world.deps).map(({ name }) => name)).not.toContain("settlement");
    await settle(world.deps);
    const before = await cycles();
    const { signal } = new AbortController();
    world.now += 3_599;
    await chore(1)?.run(signal);
    expect(await cycles()).toBe(before);
    world.now += 1;
    await chore(1)?.run(signal);
    expect(await cycles()).toBe(before + 1);
  });

  test("stops when the server does, and goes on afterwards", async () => {
    await wallet.pay({ merchantId: shop.merchantId });
    world.now += 3_600;
    const stopped = new AbortController();
    stopped.abort();
    await chore(1)?.run(stopped.signal);
    expect(
      await world.database.query("select 1 from settlements where state <> 'done'"),
    ).toHaveLength(1);
    await chore(1)?.run(new AbortController().signal);
    expect(await world.database.query("select 1 from settlements where state <> 'done'")).toEqual(
      [],
    );
  });
});
