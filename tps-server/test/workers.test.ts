/** Several workers on one port, as operators run them: child processes, signals, a load that goes on meanwhile. */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { BATCHES_PATH } from "@chit/protocol";
import { afterAll, beforeAll, expect, test } from "vitest";
import { freePort } from "../src/start.ts";
import { databaseUrl } from "./support/database.ts";
import { createMerchant } from "./support/merchant.ts";
import { createWallet, recordOf, type Wallet } from "./support/wallet.ts";
import { createWorld, id, type World } from "./support/world.ts";

const MAIN = fileURLToPath(new URL("../src/main.ts", import.meta.url));
const WALLETS = 8;
const AMOUNT = 100n;

let world: World;
let directory: string;
let port: number;
let metricsPort: number;
let server: ChildProcess | undefined;
let said = "";
let wallets: Wallet[];

beforeAll(async () => {
  world = await createWorld(Math.floor(Date.now() / 1000));
  directory = await mkdtemp(join(tmpdir(), "chit-workers-"));
  port = await freePort("127.0.0.1");
  metricsPort = await freePort("127.0.0.1");
  wallets = await Promise.all(Array.from({ length: WALLETS }, () => createWallet(world)));
});
afterAll(async () => {
  await stop("SIGTERM");
  await rm(directory, { recursive: true, force: true });
  await world.close();
});

function launch(): ChildProcess {
  const child = spawn(
    process.execPath,
    [MAIN, "serve", "--workers", "2", "--port", `${port}`, "--metrics-port", `${metricsPort}`],
    {
      env: {
        ...process.env,
        ...world.environment,
        CHIT_DATA_DIR: directory,
        DATABASE_URL: databaseUrl(world.databaseName),
        CHIT_LOG_LEVEL: "error",
      },
      stdio: ["ignore", "inherit", "pipe"],
    },
  );
  said = "";
  child.stderr?.on("data", (chunk) => {
    said += String(chunk);
  });
  return child;
}

async function startServer(): Promise<void> {
  server = launch();
  await expect.poll(() => said, { timeout: 30_000 }).toContain("with 2 workers");
}

async function stop(signal: NodeJS.Signals): Promise<number | null> {
  const child = server;
  if (child === undefined || child.exitCode !== null) return null;
  const ended = once(child, "exit");
  child.kill(signal);
  await ended;
  server = undefined;
  return child.exitCode;
}

async function workerPids(): Promise<number[]> {
  const { stdout } = await promisify(execFile)("pgrep", ["-P", String(server?.pid)]);
  return stdout.trim().split("\n").map(Number);
}

/** Posts the identical bytes until they are answered: what a wallet does when an answer is lost. */
async function send(body: Uint8Array): Promise<Uint8Array> {
  for (;;) {
    try {
      const response = await fetch(`http://127.0.0.1:${port}/v1/payments`, {
        method: "POST",
        body: Buffer.from(body),
        // A connection that was just being handed to a worker when it was killed stays silent.
        signal: AbortSignal.timeout(3_000),
      });
      if (response.status === 200) return new Uint8Array(await response.arrayBuffer());
      expect(response.status).toBe(503);
    } catch (error) {
      const lost = error instanceof TypeError || (error as Error).name === "TimeoutError";
      if (!lost) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function pay(wallet: Wallet): Promise<void> {
  const request = await wallet.request({ amount: AMOUNT });
  const response = await wallet.receive(request, await send(request.body));
  expect(response.outcome).toBe("paid");
}

/** All wallets pay, one payment after another, until `work` is done; at least one each. */
async function underLoad(work: () => Promise<void>): Promise<void> {
  let done = false;
  const load = wallets.map(async (wallet) => {
    do await pay(wallet);
    while (!done);
  });
  await work().finally(() => {
    done = true;
  });
  await Promise.all(load);
}

/** Every payment that a wallet was told of is in the books, and no other. */
async function expectExactBooks(): Promise<void> {
  for (const wallet of wallets) {
    expect(await recordOf(wallet)).toMatchObject({
      count: wallet.count,
      payments: wallet.count,
      balance: 1_000_000n - AMOUNT * BigInt(wallet.count),
    });
  }
}

test("they share the port and the payments, and monitoring sees them as one", async () => {
  await startServer();
  expect(await workerPids()).toHaveLength(2);
  for (const wallet of wallets) await pay(wallet);
  const address = `http://127.0.0.1:${metricsPort}/metrics`;
  const text = await (await fetch(address)).text();
  expect(text).toContain(`chit_payments_total{outcome="paid"} ${WALLETS}\n`);
  expect(text).toContain(`chit_payment_batch_size_sum ${WALLETS}\n`);
  expect(text).toMatch(
    new RegExp(`chit_http_request_seconds_count\\{.*route="/v1/payments".*\\} ${WALLETS}\n`),
  );
  expect((await fetch(`http://127.0.0.1:${port}/ready`)).status).toBe(200);
  expect((await fetch(`http://127.0.0.1:${port}/metrics`)).status).toBe(404);
  await expectExactBooks();
}, 60_000);

test("do chores by themselves: a batch that any of them takes is executed, once", async () => {
  const shop = await createMerchant(world);
  const transactionNumber = id();
  const wallet = await createWallet(world);
  const request = await wallet.request({ merchantId: shop.merchantId, transactionNumber });
  await wallet.receive(request, await send(request.body));
  const document = await shop.batch([await shop.order({ transactionNumber })]);
  const post = () =>
    fetch(`http://127.0.0.1:${port}${BATCHES_PATH}`, { method: "POST", body: document });
  expect((await post()).status).toBe(202);
  await expect.poll(async () => (await post()).status, { timeout: 60_000 }).toBe(200);
  expect(await shop.balance()).toBe(-12_500n);
}, 90_000);

test("are replaced one by one while payments go on: none is lost, none doubled", async () => {
  const before = await workerPids();
  await underLoad(async () => {
    server?.kill("SIGUSR2");
    await expect.poll(() => said, { timeout: 60_000 }).toContain("All workers are new.");
  });
  const after = await workerPids();
  expect(after).toHaveLength(2);
  expect(after.filter((pid) => before.includes(pid))).toEqual([]);
  await expectExactBooks();
}, 120_000);

test("one that is killed is started anew, and its payments are sent again and paid once", async () => {
  const [victim, other] = await workerPids();
  if (victim === undefined || other === undefined) throw new Error("There are no workers.");
  await underLoad(async () => {
    process.kill(victim, "SIGKILL");
    await expect.poll(workerPids, { timeout: 30_000 }).not.toContain(victim);
    await expect.poll(async () => (await workerPids()).length, { timeout: 30_000 }).toBe(2);
  });
  expect(await workerPids()).toContain(other);
  expect(said).toContain("A worker ended unasked.");
  await expectExactBooks();
}, 120_000);

test("all end in order when the server is stopped under load, and go on where they were", async () => {
  await underLoad(async () => {
    expect(await stop("SIGTERM")).toBe(0);
    await startServer();
  });
  await expectExactBooks();
}, 120_000);

test.each(["0", "17", "many"])(
  "%s workers are none that can be had",
  async (workers) => {
    const { stderr } = await promisify(execFile)(process.execPath, [
      MAIN,
      ...["serve", "--workers", workers, "--data-dir", directory],
    ]).catch((error: { stderr: string }) => error);
    expect(stderr).toContain("(usage-invalid)");
  },
  60_000,
);

test("a port that is taken ends them all, with the reason", async () => {
  await stop("SIGTERM");
  const squatter = createServer().listen(port, "127.0.0.1");
  await once(squatter, "listening");
  try {
    const child = launch();
    const [code] = await once(child, "exit");
    expect(code).toBe(1);
    expect(said).toContain("(address-unavailable)");
    expect(said).toContain("(worker-failed)");
  } finally {
    squatter.close();
  }
}, 60_000);
