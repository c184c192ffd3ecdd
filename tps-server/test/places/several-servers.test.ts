/**
 * Accounts on several PostgreSQL servers behind one TPS: three real servers, of which one holds everything that is no
 * account and two hold accounts. One of these is killed under load.
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { setPin } from "../../src/accounts/pin-state.ts";
import { collectPayments } from "../../src/clearing/collect.ts";
import { runCli } from "../../src/cli/program.ts";
import { layTables, liftTables, readPlaces } from "../../src/places/lay.ts";
import { placeOf } from "../../src/places/place-of.ts";
import { systemPlatform } from "../../src/platform.ts";
import { type RunningTps, startTps } from "../../src/start.ts";
import { type Database, openDatabase } from "../../src/store/database.ts";
import { createMerchant } from "../support/merchant.ts";
import { startServer, type TestServer } from "../support/servers.ts";
import { auditFindings } from "../support/settlement.ts";
import { createWallet, PIN, recordOf, type Wallet } from "../support/wallet.ts";
import { ISSUER, id, type World, worldOn } from "../support/world.ts";

const AMOUNT = 100n;
const PLACES = 2;
const IN_EACH = 4;

let main: TestServer;
let servers: TestServer[];
let directory: string;
let tps: RunningTps;
let world: World;
let early: Wallet;
let wallets: Wallet[][];

beforeAll(async () => {
  [main, ...servers] = (await Promise.all([startServer(), startServer(), startServer()])) as [
    TestServer,
    TestServer,
    TestServer,
  ];
  directory = await mkdtemp(join(tmpdir(), "chit-places-"));
  await launch({ origin: ISSUER });
  // There before accounts are spread.
  early = await createWallet(world);
  await pay(early);
}, 120_000);

afterAll(async () => {
  await tps.close();
  await Promise.all([main, ...servers].map((server) => server.stop()));
  await rm(directory, { recursive: true, force: true });
}, 120_000);

async function launch(issuer?: { origin: string }): Promise<void> {
  tps = await startTps({
    dataDir: directory,
    databaseUrl: main.url(),
    port: 0,
    ...(issuer ? { issuer } : {}),
    logLevel: "silent",
    chores: "by-hand",
  });
  world = await worldOn(
    tps.deps,
    { now: systemPlatform.nowSeconds() },
    {
      databaseName: "chit",
      environment: { CHIT_PIN_KEY: "", CHIT_MASTER_KEY: "" },
      close: tps.close,
    },
  );
}

async function run(...args: string[]): Promise<{ code: number; out: string; said: string }> {
  const output = { out: "", said: "" };
  const code = await runCli(args, {
    platform: systemPlatform,
    environment: { DATABASE_URL: main.url(), CHIT_DATA_DIR: directory },
    args,
    onReplace: () => undefined,
    out: (text) => {
      output.out += text;
    },
    say: (text) => {
      output.said += text;
    },
    untilStopped: async () => undefined,
  });
  return { code, ...output };
}

async function setPlaces(...urls: string[]) {
  const file = join(directory, "places.json");
  await writeFile(file, JSON.stringify({ places: urls.map((url) => ({ url })) }));
  return run("places", "set", file, "--json");
}

const post = (body: Uint8Array): Promise<Response> =>
  fetch(`${tps.address}/v1/payments`, { method: "POST", body: Buffer.from(body) });

/** Posts the identical bytes until they are answered: what a wallet does when an answer is lost. */
async function send(body: Uint8Array): Promise<Uint8Array> {
  for (;;) {
    const response = await post(body);
    if (response.status === 200) return new Uint8Array(await response.arrayBuffer());
    expect(response.status).toBe(503);
    expect(Number(response.headers.get("retry-after"))).toBeGreaterThan(0);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function pay(wallet: Wallet): Promise<void> {
  const request = await wallet.request({ amount: AMOUNT, merchantId: world.merchantId });
  const response = await wallet.receive(request, await send(request.body));
  expect(response.outcome).toBe("paid");
}

async function expectExactBooks(): Promise<void> {
  for (const wallet of [early, ...wallets.flat()]) {
    expect(await recordOf(wallet)).toMatchObject({
      count: wallet.count,
      payments: wallet.count,
      balance: 1_000_000n - AMOUNT * BigInt(wallet.count),
    });
  }
  await collectPayments(world.deps);
  expect(await auditFindings(world)).toEqual([]);
}

test("accounts are spread by one command, and stay as they were", async () => {
  const before = await recordOf(early);
  await tps.close();
  const urls = servers.map((server) => server.url());
  expect(await setPlaces(urls[0] ?? "")).toMatchObject({ code: 1 });
  const done = await setPlaces(...urls);
  expect(done.said).toBe("");
  expect(JSON.parse(done.out)).toEqual({ places: PLACES, spread: true });
  await launch();
  early = Object.assign(early, { world });
  expect(await recordOf(early)).toEqual(before);
  await pay(early);
  wallets = [[], []];
  while (wallets.some((some) => some.length < IN_EACH)) {
    const wallet = await createWallet(world);
    const some = wallets[placeOf(wallet.accountId, PLACES)] ?? [];
    if (some.length < IN_EACH) some.push(wallet);
  }
  for (const wallet of wallets.flat()) await pay(wallet);
  for (const [place, server] of servers.entries()) {
    const database = openDatabase(server.url(), () => undefined);
    const rows = await database.query<{ account_id: string }>(
      "select distinct account_id from payments order by account_id",
    );
    const here = [early, ...wallets.flat()]
      .map(({ accountId }) => accountId)
      .filter((accountId) => placeOf(accountId, PLACES) === place);
    expect(rows.map((row) => row.account_id)).toEqual(here.toSorted());
    await database.close();
  }
  await expectExactBooks();
}, 120_000);

test("a server that is killed under load pauses its accounts alone; every request is answered once", async () => {
  const [living = [], paused = []] = wallets;
  const [, victim] = servers;
  let done = false;
  const load = wallets.flat().map(async (wallet) => {
    do await pay(wallet);
    while (!done);
  });
  await victim?.kill();
  // Theirs is refused for now, and told so.
  const refused = await paused[0]?.clone().request({ merchantId: world.merchantId });
  await expect
    .poll(async () => (await post(refused?.body ?? new Uint8Array())).status, { timeout: 30_000 })
    .toBe(503);
  const counts = () => living.map(({ count }) => count);
  const before = counts();
  await expect
    .poll(() => counts().every((count, index) => count >= (before[index] ?? 0) + 5), {
      timeout: 60_000,
    })
    .toBe(true);
  await victim?.restart();
  done = true;
  await Promise.all(load);
  for (const wallet of paused) await pay(wallet);
  await expectExactBooks();
}, 120_000);

test("what is no payment goes on over all places: refunds, settlement, the audit", async () => {
  const shop = await createMerchant(world);
  const transactionNumber = id();
  const payers = wallets.map(([wallet]) => wallet).filter((wallet) => wallet !== undefined);
  for (const wallet of payers) {
    const request = await wallet.request({ transactionNumber, merchantId: shop.merchantId });
    const response = await wallet.receive(request, await send(request.body));
    expect(response.outcome).toBe("paid");
  }
  await collectPayments(world.deps);
  expect(await shop.refund({ transactionNumber })).toMatchObject([
    { outcome: "executed", payments: 2 },
  ]);
  expect(await shop.balance()).toBe(-25_000n);
  expect(await auditFindings(world)).toEqual([]);
}, 120_000);

test("without the main database payments go on, and a server with a place away is ready", async () => {
  const ready = async () => (await fetch(`${tps.address}/ready`)).status;
  await main.kill();
  for (const wallet of wallets.flat()) await pay(wallet);
  expect(await ready()).toBe(200);
  await main.restart();
  await servers[0]?.kill();
  expect(await ready()).toBe(200);
  await servers[0]?.restart();
  expect((await run("payments", "partitions")).said).toContain("(setting-invalid)");
  await collectPayments(world.deps);
  expect(await auditFindings(world)).toEqual([]);
}, 120_000);

test("the telephone service reaches PIN state in a place, and no money there", async () => {
  const role = { name: "chit_vru", password: "telephone" };
  for (const server of [main, ...servers]) {
    const database = openDatabase(server.url(), () => undefined);
    await database.query("alter role chit_vru login password 'telephone'");
    await database.close();
  }
  const urls = servers.map((server) => ({ url: server.url(), telephoneUrl: server.url(role) }));
  const file = join(directory, "places.json");
  await writeFile(file, JSON.stringify({ places: urls }));
  expect((await run("places", "set", file)).code).toBe(0);
  const vru = openDatabase(main.url(role), () => undefined);
  try {
    for (const [wallet] of wallets) {
      if (wallet === undefined) throw new Error("There is no wallet.");
      await vru.transaction((tx) => setPin(tx, world.deps.pinVault, wallet, PIN));
      wallet.adoptPin(2);
      await pay(wallet);
    }
    await expect(vru.query("select balance from accounts")).rejects.toThrow("permission denied");
    await expect(vru.query("update devices set count = 0")).rejects.toThrow("permission denied");
  } finally {
    await vru.close();
  }
}, 120_000);

test("partitions ahead are made in every place, and the next migration finds its tables", async () => {
  await tps.runChores();
  const until = (database: Database) =>
    database.query("select max(until_at) as until from payments_partitions");
  const [first, second] = await Promise.all((tps.deps.places?.all ?? []).map(until));
  expect(first).toEqual(second);
  expect(await until(tps.deps.database)).toEqual(first);
  // What a later version's migration does, between lifting and laying.
  await tps.deps.database.transaction(async (tx) => {
    const places = await readPlaces(tx);
    await liftTables(tx, places);
    const [empty] = await tx.query("select 1 from accounts");
    expect(empty).toBeUndefined();
    await tx.query("alter table accounts add column of_a_later_version bigint");
    for (const place of tps.deps.places?.all ?? []) {
      await place.query("alter table accounts add column of_a_later_version bigint");
    }
    await layTables(tx);
    const rows = await tx.query("select of_a_later_version from accounts");
    expect(rows.length).toBeGreaterThan(2 * IN_EACH);
  });
  for (const wallet of wallets.flat()) await pay(wallet);
  expect(await auditFindings(world)).toEqual([]);
}, 120_000);

test("databases are not mixed up, and their number stays", async () => {
  const [first = "", second = ""] = servers.map((server) => server.url());
  expect((await setPlaces(second, first)).said).toContain("in their order. (setting-invalid)");
  expect((await setPlaces(first, second, first)).said).toContain("Their number stays");
  expect((await setPlaces(first, main.url())).said).toContain("is the main database");
  const again = await setPlaces(first, second);
  expect(JSON.parse(again.out)).toEqual({ places: PLACES, spread: false });
  expect((await run("places", "show")).out).not.toContain("test@");
  expect(await auditFindings(world)).toEqual([]);
}, 120_000);
