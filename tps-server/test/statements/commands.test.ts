/** The operator's statements, on a real database. */
import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { monthOf, verifyAccountStatement, verifyMerchantStatement } from "@chit/protocol";
import { parse } from "csv-parse/sync";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fundAccount } from "../../src/accounts/accounts.ts";
import { systemPlatform } from "../../src/platform.ts";
import { cliOf } from "../support/cli.ts";
import { createWallet, type Wallet } from "../support/wallet.ts";
import { createWorld, type World } from "../support/world.ts";

/** Who reads it with semicolons for separators sees two cells. */
const HOSTILE = '=HYPERLINK("https://evil.example";-1)';

let world: World;
let wallet: Wallet;
let directory: string;
let month: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "chit-statements-"));
  // Commands run by the real clock.
  world = await createWorld(systemPlatform.nowSeconds());
  month = monthOf(world.now);
  wallet = await createWallet(world);
  await wallet.pay({ amount: 12_500n });
  await fundAccount(world.deps, wallet.accountId, 250_000n, HOSTILE);
});
afterAll(async () => {
  await world.close();
  await rm(directory, { recursive: true, force: true });
});

const run = cliOf(() => world);
const statement = (...args: string[]) =>
  run("account", "statement", wallet.accountId, "--month", month, ...args);

describe("account statement", () => {
  test("as text: every movement, what went in and out, and the balance", async () => {
    const { code, out } = await statement();
    expect(code).toBe(0);
    expect(out).toMatch(/payment +Paper & Ink +1\.25 +98\.75 +EUR/);
    expect(out).toMatch(/balance after +123\.75 EUR/);
  });

  test("as CSV: read back cell by cell, and nothing in it is a formula", async () => {
    const { out } = await statement("--format", "csv");
    const rows = parse(out, { columns: true }) as Record<string, string>[];
    expect(rows.map((row) => [row.Kind, row.In, row.Out, row.Balance])).toEqual([
      ["paid in", "100.00", "", "100.00"],
      ["payment", "", "1.25", "98.75"],
      ["paid in", "25.00", "", "123.75"],
    ]);
    expect(rows[2]?.["Shop or reference"]).toBe(`'=HYPERLINK("https://evil.example";'-1)`);
  });

  test("as a page: what others wrote is text in it", async () => {
    const { out } = await statement("--format", "html");
    expect(out).toContain("Paper &amp; Ink");
    expect(out).toContain("=HYPERLINK(&quot;https://evil.example&quot;;-1)");
    expect(out).not.toMatch(/<script|<link|<img|https?:\/\/(?!evil|tps)/);
  });

  test("signed, in a file for its reader alone, and on record", async () => {
    const file = join(directory, "statement.jws");
    const { code, said } = await statement("--format", "jws", "--out", file);
    expect([code, said]).toEqual([0, `Written to ${file}.\n`]);
    const text = (await readFile(file, "utf8")).trimEnd();
    const list = world.keyList();
    expect(verifyAccountStatement(world.deps.crypto, list, text).closing).toBe(1_237_500n);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const [entry] = await world.database.query<{ details: object }>(
      "select details from operator_log where action = 'account statement' and subject = $1",
      [wallet.accountId],
    );
    expect(entry?.details).toEqual({ time: month });
  });

  test("says what is wrong: the month, the account, or the books", async () => {
    const wrong = async (...args: string[]) => (await run("account", "statement", ...args)).said;
    expect(await wrong(wallet.accountId, "--month", "2026-13")).toContain("(setting-invalid)");
    expect(await wrong(wallet.accountId, "--month", "1999-01")).toContain("(setting-invalid)");
    expect(await wrong("A".repeat(22), "--month", month)).toContain("(account-unknown)");
    const other = await createWallet(world);
    await world.database.query("update accounts set balance = 5 where account_id = $1", [
      other.accountId,
    ]);
    const said = await wrong(other.accountId, "--month", month);
    expect(said).toContain("add up to 1000000 units, but the balance is 5");
    expect(said).toContain("(books-differ)");
  });
});

describe("merchant statement", () => {
  test("is printed, and signed", async () => {
    const day = new Date(world.now * 1_000).toISOString().slice(0, 10);
    const command = ["merchant", "statement", world.merchantId, "--from", day, "--until", day];
    expect((await run(...command)).out).toMatch(/owed after +0\.00 EUR/);
    const { out } = await run(...command, "--format", "jws");
    const list = world.keyList();
    const { from, until } = verifyMerchantStatement(world.deps.crypto, list, out.trimEnd());
    expect(until - from).toBe(86_400);
    expect((await run(...command.slice(0, -1), "2026-02-30")).said).toContain("(setting-invalid)");
  });
});
