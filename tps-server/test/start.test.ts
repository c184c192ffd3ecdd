import { statSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseActivationLink, verifyKeyList } from "@chit/protocol";
import { nodeCrypto } from "@chit/protocol/node";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openAccount, type RunningTps, startTps } from "../src/index.ts";
import { systemPlatform } from "../src/platform.ts";
import { runningPostmaster } from "../src/store/postmaster.ts";
import { acknowledgeAlarm, listAlarms } from "../src/telephone/alarms.ts";
import { raiseAlarm } from "../src/vru/alarms.ts";
import { createTestDatabase, databaseUrl, type TestDatabase } from "./support/database.ts";
import { random } from "./support/world.ts";

let dataDir: string;
let database: TestDatabase | undefined;
const running: RunningTps[] = [];
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "chit-start-"));
});
afterEach(async () => {
  for (const tps of running.splice(0)) await tps.close();
  await database?.drop();
  database = undefined;
  await rm(dataDir, { recursive: true, force: true });
});

async function start(options: Partial<Parameters<typeof startTps>[0]> = {}): Promise<RunningTps> {
  const tps = await startTps({ dataDir, port: 0, issuer: {}, logLevel: "silent", ...options });
  running.push(tps);
  return tps;
}

async function keyListOf(tps: RunningTps) {
  const { activationLink } = await openAccount(tps.deps);
  const { rootKey, issuer } = parseActivationLink(activationLink);
  const document = await (await fetch(`${tps.address}/.well-known/chit/keys`)).text();
  const now = Math.floor(Date.now() / 1000);
  return { issuer, list: verifyKeyList(nodeCrypto(random), rootKey, document, now) };
}

describe("startTps", () => {
  test("needs a data directory and nothing else, and leaves no process behind", async () => {
    const tps = await start();
    const { issuer, list } = await keyListOf(tps);
    expect(issuer).toBe(tps.issuer);
    expect(new URL(tps.issuer).port).toBe(new URL(tps.address).port);
    expect(list).toMatchObject({ iss: tps.issuer, currency: "EUR", scale: 4 });
    await tps.close();
    await tps.close();
    expect(await runningPostmaster(join(dataDir, "postgres"))).toBeUndefined();
    await expect(fetch(`${tps.address}/health`)).rejects.toThrow();
  });

  test("again on the same data directory finds the same issuer and keys", async () => {
    const first = await start();
    const before = await keyListOf(first);
    const { port } = new URL(first.address);
    await first.close();
    const second = await startTps({ dataDir, port: Number(port), logLevel: "silent" });
    running.push(second);
    expect(await keyListOf(second)).toEqual(before);
  });

  test("for another issuer than before is refused, and stops what it had started", async () => {
    await (await start()).close();
    const issuer = { origin: "https://other.example" };
    await expect(start({ issuer })).rejects.toMatchObject({ code: "already-initialised" });
    expect(await runningPostmaster(join(dataDir, "postgres"))).toBeUndefined();
  });

  test("runs on a database of one's own, with keys from the environment", async () => {
    database = await createTestDatabase();
    const key = () => Buffer.from(random(32)).toString("base64url");
    const environment = { CHIT_PIN_KEY: key(), CHIT_MASTER_KEY: `${key()},${key()}` };
    const options = { databaseUrl: databaseUrl(database.name), environment };
    const issuer = { origin: "https://pay.example" };
    const tps = await start({ ...options, issuer });
    expect((await keyListOf(tps)).list).toMatchObject({ iss: "https://pay.example" });
    expect(await readdir(dataDir)).toEqual([]);
    // Several servers share a database; one with another master key cannot start.
    const second = await start({ ...options, issuer });
    expect(second.issuer).toBe(tps.issuer);
    await expect(
      start({ ...options, issuer, environment: { ...environment, CHIT_MASTER_KEY: key() } }),
    ).rejects.toMatchObject({ code: "outside-key-missing" });
    await expect(
      start({ ...options, issuer, environment: { ...environment, CHIT_PIN_KEY: "short" } }),
    ).rejects.toMatchObject({ code: "setting-invalid" });
  });

  test("tells monitoring what it counts, on a port of its own and only when asked to", async () => {
    const silent = await start();
    expect(silent.metricsAddress).toBeUndefined();
    await silent.close();
    const other = await startTps({ dataDir, port: 0, metricsPort: 0, logLevel: "silent" });
    running.push(other);
    const metrics = await fetch(`${other.metricsAddress}/metrics`);
    expect(metrics.headers.get("content-type")).toMatch(/^text\/plain/);
    const text = await metrics.text();
    expect(text).toContain("chit_payments_under_way 0\n");
    expect(text).toContain("nodejs_eventloop_lag_p99_seconds");
    expect((await fetch(`${other.address}/metrics`)).status).toBe(404);
    await other.close();
    await expect(fetch(`${other.metricsAddress}/metrics`)).rejects.toThrow();
  });

  test("tells monitoring of alarms until somebody has looked at them", async () => {
    const { metricsAddress, deps } = await start({ metricsPort: 0 });
    const open = async () =>
      /^chit_alarms_open (\d+)$/m.exec(
        await (await fetch(`${metricsAddress}/metrics`)).text(),
      )?.[1];
    expect(await open()).toBe("0");
    const call = { callId: "CA1", now: 1_000 };
    await raiseAlarm(deps.database, { kind: "failures-of-the-hour" }, call);
    expect(await open()).toBe("1");
    const [alarm] = await listAlarms(deps, "open");
    await acknowledgeAlarm(deps, alarm?.alarm ?? 0);
    expect(await open()).toBe("0");
  });

  test("settles by itself when it is told to, as often as it is told", async () => {
    let later = 0;
    const nowSeconds = () => systemPlatform.nowSeconds() + later;
    const tps = await start({
      settleEverySeconds: 3_600,
      chores: { everyMilliseconds: 50 },
      platform: { ...systemPlatform, nowSeconds },
    });
    const settlements = () =>
      tps.deps.database.query("select cycle, state from settlements order by cycle");
    await tps.runChores();
    expect(await settlements()).toEqual([]);
    for (const cycle of [1n, 2n]) {
      later += 3_600;
      await expect
        .poll(settlements, { timeout: 30_000 })
        .toHaveProperty(`${cycle - 1n}`, { cycle, state: "done" });
    }
  });

  test("keeps its secrets from other users of the computer", async () => {
    await start();
    const secrets = join(dataDir, "secrets");
    expect(statSync(secrets).mode & 0o777).toBe(0o700);
    for (const name of await readdir(secrets)) {
      expect([name, statSync(join(secrets, name)).mode & 0o777]).toEqual([name, 0o600]);
    }
    const url = new URL((await readFile(join(secrets, "vru-database-url"), "utf8")).trim());
    expect(url.username).toBe("chit_vru");
  });
}, 120_000);
