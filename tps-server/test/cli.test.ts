/** The operator's command line as operators run it: child processes, an embedded database, signals. */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { access, chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseActivationLink, toBase64url, verifyKeyList } from "@chit/protocol";
import { nodeCrypto } from "@chit/protocol/node";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runningPostmaster } from "../src/store/postmaster.ts";
import { random, signedApplication } from "./support/world.ts";

const MAIN = fileURLToPath(new URL("../src/main.ts", import.meta.url));
let directory: string;
let port: number;
let server: ChildProcess | undefined;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "chit-cli-"));
  // Run by root, the database's own user must be able to pass through.
  await chmod(directory, 0o755);
  port = await freePort();
});
afterAll(async () => {
  await stopServer("SIGTERM");
  await rm(directory, { recursive: true, force: true });
});

const environment = () => ({
  ...process.env,
  CHIT_DATA_DIR: join(directory, "data"),
  DATABASE_URL: undefined,
});
const postgresDirectory = () => join(directory, "data", "postgres");

interface Result {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

const run = (...args: string[]): Promise<Result> => runWith({}, ...args);

function runWith(more: Record<string, string>, ...args: string[]): Promise<Result> {
  return new Promise((resolve) => {
    const command = [MAIN, ...args];
    execFile(process.execPath, command, { env: { ...environment(), ...more } }, (error, out, err) =>
      resolve({ code: error === null ? 0 : Number(error.code), out, err }),
    );
  });
}

async function runJson<T>(...args: string[]): Promise<T> {
  const { code, out, err } = await run(...args, "--json");
  expect([code, err]).toEqual([0, ""]);
  return JSON.parse(out) as T;
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const address = probe.address();
  probe.close();
  return typeof address === "object" && address !== null ? address.port : 0;
}

async function startServer(): Promise<void> {
  const child = spawn(process.execPath, [MAIN, "serve", "--port", String(port)], {
    env: environment(),
    stdio: ["ignore", "ignore", "pipe"],
  });
  server = child;
  for await (const chunk of child.stderr) {
    if (String(chunk).includes("listens on")) break;
  }
  expect(child.exitCode).toBeNull();
}

async function stopServer(signal: NodeJS.Signals): Promise<number | null> {
  const child = server;
  if (child === undefined || child.exitCode !== null) return null;
  const ended = once(child, "exit");
  child.kill(signal);
  await ended;
  server = undefined;
  return child.exitCode;
}

const health = async () => (await fetch(`http://127.0.0.1:${port}/health`)).status;

describe("chit-tps", () => {
  test("wants to be initialised first, and says how", async () => {
    const { code, err } = await run("account", "open");
    expect(code).toBe(1);
    expect(err).toContain('Run "chit-tps init"');
    expect(err).toContain("(not-initialised)");
  });

  test("makes no directory for a misspelt name", async () => {
    const misspelt = join(directory, "dtaa");
    const { code, err } = await run("keys", "list", "--data-dir", misspelt);
    expect([code, err]).toEqual([1, expect.stringContaining(`There is no TPS in ${misspelt}.`)]);
    await expect(access(misspelt)).rejects.toThrow("ENOENT");
  });

  test("sets up the issuer; again it changes nothing but name and telephone number", async () => {
    const settings = ["--issuer", `http://localhost:${port}`, "--telephone", "+49 30 123456"];
    expect((await run("init", ...settings, "--operator", "First Name")).code).toBe(0);
    const { out } = await run("init", ...settings, "--operator", "Example Pay");
    expect(out).toContain("Example Pay");
    const other = await run("init", ...settings, "--operator", "X", "--currency", "USD");
    expect(other).toMatchObject({ code: 1 });
    expect(other.err).toContain("(already-initialised)");
    const bad = await run(
      "init",
      "--issuer",
      "http://tps.example",
      ...settings.slice(2),
      "--operator",
      "X",
    );
    expect(bad.err).toContain("setting-invalid");
  });

  test("serves, and other commands work at the same time on the same database", async () => {
    await startServer();
    expect(await health()).toBe(200);
    const account = await runJson<Record<string, string>>("account", "open");
    expect(account).toMatchObject({
      telephoneId: expect.stringMatching(/^[0-9]{8}$/),
      telephonePasscode: expect.stringMatching(/^[0-9]{8}$/),
    });
    const link = parseActivationLink(account.activationLink ?? "");
    const published = `root key to publish  ${toBase64url(link.rootKey)}`;
    expect((await run("keys", "list")).out).toContain(published);
    const list = await (await fetch(`${link.issuer}/.well-known/chit/keys`)).text();
    const now = Math.floor(Date.now() / 1000);
    expect(verifyKeyList(nodeCrypto(random), link.rootKey, list, now)).toMatchObject({
      operator: "Example Pay",
    });
    expect((await fetch(`${link.issuer}/activate`)).status).toBe(200);
    expect(await runJson("account", "link", account.accountId ?? "")).toMatchObject({
      activationLink: expect.stringContaining("/activate#"),
    });
  });

  test("says in one line that a second server finds its port in use", async () => {
    const { code, err } = await run("serve", "--port", String(port));
    expect(code).toBe(1);
    expect(err).toMatch(/^error: .*the port is in use.*\(address-unavailable\)\n$/);
  });

  test("says in one line that a database of one's own does not answer, and keeps its password", async () => {
    const closed = await freePort();
    const at = (DATABASE_URL: string) => runWith({ DATABASE_URL }, "keys", "list");
    const away = await at(`postgres://user:pass-word@127.0.0.1:${closed}/chit`);
    expect(away.err).toMatch(
      /^error: The database 127\.0\.0\.1:[0-9]+\/chit does not answer: .*\(database-unavailable\)\n$/,
    );
    expect((await at("mysql://user:pass-word@127.0.0.1/chit")).err).toMatch(
      /^error: DATABASE_URL is no address .*\(setting-invalid\)\n$/,
    );
  });

  test("pays in once for each reference, in decimals, and shows tables", async () => {
    const { accountId = "" } = await runJson<Record<string, string>>("account", "open");
    const fund = (amount: string, reference: string) =>
      run("account", "fund", accountId, amount, "--reference", reference);
    expect((await fund("25.00", "SEPA 1")).out).toMatch(/balance after\s+25\.00 EUR/);
    const again = await fund("25.00", "SEPA 1");
    expect(again.code).toBe(0);
    expect(again.err).toContain("nothing was moved now");
    const conflict = await fund("26.00", "SEPA 1");
    expect([conflict.code, conflict.err]).toEqual([
      1,
      expect.stringMatching(/another amount \(25\.00 EUR\).*\(reference-conflict\)/),
    ]);
    expect((await fund("12,50", "SEPA 2")).err).toContain("write 12.50, not 12,50");
    expect((await fund("0.00001", "SEPA 2")).err).toContain("amount-invalid");
    expect((await run("account", "fund", accountId, "1")).err).toMatch(
      /^error: .*--reference.*\(usage-invalid\)\n$/,
    );
    expect((await run("account", "hold", accountId)).code).toBe(0);
    expect(await runJson("account", "show", accountId)).toMatchObject({
      balance: "250000",
      status: "held",
    });
    await run("account", "release", accountId);
    const { out } = await run("account", "show", accountId);
    expect(out).toMatch(/status\s+active/);
    expect(out).toMatch(/funding\s+25\.00 EUR\s+25\.00 EUR\s+SEPA 1/);
    expect(out).toMatch(/open links\s+1 for one device, 0 in backups/);
    const withdrawn = await run("account", "withdraw-invitations", accountId);
    expect(withdrawn.out).toMatch(/^1 of the account's links/);
    expect(await runJson("account", "withdraw-invitations", accountId)).toEqual({
      accountId,
      withdrawn: 0,
    });
  });

  test("takes a merchant from application to bundle to revocation", async () => {
    const file = join(directory, "chit-application.jws");
    await writeFile(file, `${await signedApplication("CLI Shop")}\n`);
    const { applicationId = "" } = await runJson<Record<string, string>>("merchant", "apply", file);
    expect((await run("merchant", "list")).out).toMatch(/CLI Shop\nstate\s+pending/);
    const out = join(directory, "chit-merchant-bundle.json");
    const approved = await run("merchant", "approve", applicationId, "--out", out);
    const bundle = JSON.parse(await readFile(out, "utf8"));
    expect(Object.keys(bundle)).toEqual(["v", "issuer", "rootKey", "certificate", "keyList"]);
    const merchantId = /merchant\s+(\S{22})/.exec(approved.out)?.[1] ?? "";
    expect((await run("merchant", "revoke", merchantId)).code).toBe(0);
    expect((await run("merchant", "list")).out).toMatch(/CLI Shop\nstate\s+revoked/);
    await writeFile(file, await signedApplication("Unwelcome Shop"));
    const unwelcome = await runJson<Record<string, string>>("merchant", "apply", file);
    const reject = () => run("merchant", "reject", "--", unwelcome.applicationId ?? "");
    expect(await reject()).toMatchObject({ code: 0, out: expect.stringContaining("is rejected") });
    expect(await reject()).toMatchObject({ code: 0, err: "" });
    expect((await run("merchant", "list")).out).toMatch(/Unwelcome Shop\nstate\s+rejected/);
    expect((await run("merchant", "reject", applicationId)).err).toContain("(already-done)");
    expect((await run("merchant", "apply", join(directory, "none"))).err).toContain(
      "cannot be read",
    );
  });

  test("rotates a key, which the key list then announces", async () => {
    const rotated = await runJson<{ keyId: string }>("keys", "rotate", "sealing");
    const { out } = await run("keys", "list");
    expect(out).toMatch(new RegExp(`sealing\\s+${rotated.keyId.slice(0, 14)}….*announced`));
    expect(Math.max(...out.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  test("gives the telephone unit a way in of its own", async () => {
    const url = await readFile(join(directory, "data", "secrets", "vru-database-url"), "utf8");
    const client = new pg.Client({ connectionString: url.trim() });
    await client.connect();
    const { rows } = await client.query("select current_user, count(*) from telephone_access");
    expect(rows).toEqual([{ current_user: "chit_vru", count: "2" }]);
    await expect(client.query("select balance from accounts")).rejects.toThrow(/denied/);
    await client.end();
  });

  test("survives kill -9: the database it left behind is taken over, and stopped in the end", async () => {
    await stopServer("SIGKILL");
    const orphan = await runningPostmaster(postgresDirectory());
    expect(orphan).toBeDefined();
    await startServer();
    expect(await health()).toBe(200);
    expect((await runningPostmaster(postgresDirectory()))?.pid).toBe(orphan?.pid);
    expect(await stopServer("SIGTERM")).toBe(0);
    expect(await runningPostmaster(postgresDirectory())).toBeUndefined();
  });

  test("survives a database killed with it, and a lock file whose number is another program's now", async () => {
    await startServer();
    await stopServer("SIGKILL");
    const orphan = await runningPostmaster(postgresDirectory());
    if (orphan === undefined) throw new Error("The database is gone.");
    const lockFile = join(postgresDirectory(), "postmaster.pid");
    const lock = await readFile(lockFile, "utf8");
    process.kill(orphan.pid, "SIGKILL");
    // Our own process number: alive, and no PostgreSQL.
    await writeFile(lockFile, lock.replace(String(orphan.pid), String(process.pid)));
    await startServer();
    expect(await health()).toBe(200);
    expect(await stopServer("SIGINT")).toBe(0);
    expect(await runningPostmaster(postgresDirectory())).toBeUndefined();
  });
}, 120_000);
