/** `chit-merchant batch`, `reports` and `reconcile`, as processes of their own on a shop's files. */
import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, onTestFinished, test } from "vitest";
import { createMerchant, type HookEvent, sqliteStore } from "../src/index.ts";
import { TestLogger } from "./shop.ts";
import { temporaryDirectory } from "./temporary.ts";
import { paymentEntry, TestTps } from "./test-tps.ts";
import { newId, TestIssuer } from "./world.ts";

const CLI = join(import.meta.dirname, "../src/cli.ts");

/** A shop's directory with one stray payment, refunded; its TPS on a port. */
async function shopFiles() {
  const now = Math.floor(Date.now() / 1_000);
  const issuer = new TestIssuer(now);
  const server = createServer(async (request, response) => {
    const pieces: Uint8Array[] = [];
    for await (const piece of request) pieces.push(piece as Uint8Array);
    const body = Buffer.concat(pieces).toString();
    const answer = await tps.fetch(`${issuer.origin}${request.url}`, { method: "POST", body });
    response.statusCode = answer.status;
    response.end(Buffer.from(await answer.arrayBuffer()));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  issuer.origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { keys, bundle } = await issuer.merchant(["https://shop.example"]);
  const tps = new TestTps(issuer, { keys, bundle }, () => Math.floor(Date.now() / 1_000));
  const directory = temporaryDirectory();
  writeFileSync(join(directory, "chit-merchant-keys.json"), JSON.stringify(keys));
  writeFileSync(join(directory, "chit-merchant-bundle.json"), JSON.stringify(bundle));
  const open = (hooks: Parameters<typeof createMerchant>[0]["hooks"] = {}) =>
    createMerchant({
      keys: join(directory, "chit-merchant-keys.json"),
      bundle: join(directory, "chit-merchant-bundle.json"),
      store: sqliteStore(join(directory, "chit-merchant.db")),
      batches: false,
      logger: new TestLogger(),
      hooks,
    });
  await open().close();
  const run = async (...args: string[]) => {
    try {
      const given = [CLI, ...args, "--dir", directory];
      const { stdout, stderr } = await promisify(execFile)(process.execPath, given);
      return { code: 0, out: stdout, err: stderr };
    } catch (error) {
      const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
      return { code, out: stdout, err: stderr };
    }
  };
  return { tps, run, open };
}

describe("chit-merchant", { timeout: 60_000 }, () => {
  test("fetches reports, sends refunds, reconciles; the shop's process tells its hooks", async () => {
    const { tps, run, open } = await shopFiles();
    const number = newId();
    await tps.settle([paymentEntry(number)]);
    const reports = await run("reports");
    expect(reports).toMatchObject({ code: 0, err: "" });
    expect(reports.out).toMatch(/^cycle 1 .*payments 1: 4\.90 .*owed to you 4\.851 EUR$/m);
    expect(reports.out).toContain("go on: 1.");
    expect((await run("reports")).out).toContain("no new settlement report");

    const batch = await run("batch", "--wait", "0");
    expect(batch).toMatchObject({ code: 0, err: "" });
    expect(batch.out).toContain("made 1, orders executed 1, refused 0");

    await tps.settle([]);
    await tps.settle([]);
    await run("reports");
    const reconciled = await run("reconcile");
    expect(reconciled.code).toBe(1);
    expect(reconciled.out).toMatch(`Refund not executed  ${number}  4.90 EUR`);
    expect(reconciled.out).toContain("no settlement report shows it");
    const csv = await run("reconcile", "--csv");
    expect(csv.out.trim().split(/\r?\n/)).toHaveLength(2);
    expect(csv.out).toContain(`refund-open,not-reported,${number},`);

    const told: HookEvent[] = [];
    const shop = open({ refundGiven: (event) => void told.push(event) });
    await expect.poll(() => told.length).toBe(1);
    expect(told[0]?.sale).toMatchObject({ transactionNumber: number, refund: { given: 49_000n } });
    await shop.close();
  });

  test("says what is wrong with what it was given, and when the operator is away", async () => {
    const { tps, run } = await shopFiles();
    const wait = await run("batch", "--wait", "soon");
    expect(wait).toMatchObject({ code: 1, err: expect.stringContaining("whole seconds") });
    const store = await run("reconcile", "--store", "nowhere.db");
    expect(store).toMatchObject({ code: 1, err: expect.stringContaining("There is no store") });
    await tps.settle([paymentEntry(newId())]);
    await run("reports");
    tps.interfere = async () => new Response("", { status: 502 });
    const away = await run("batch", "--wait", "0");
    expect(away.code).toBe(1);
    expect(away.out).toContain("Nothing is lost; run it again.");
    expect((await run("reports")).err).toContain("answered 502");
    tps.interfere = (_path, answer) => answer();
    expect((await run("batch", "--wait", "0")).out).toContain("made 0, orders executed 1");
  });
});
