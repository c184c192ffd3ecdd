/** The demonstration's world: payment server, telephone service, telephone, shop, and one customer's account. */
import { randomBytes, randomUUID } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseDecimal } from "@chit/protocol";
import {
  approveMerchant,
  fundAccount,
  listMerchants,
  type OpenedAccount,
  openAccount,
  type RunningTps,
  setBankAccount,
  showAccount,
  startTps,
} from "@chit/tps-server";
import { CALLS_PATH } from "@chit/tps-server/vru";
import type { Express } from "express";
import * as v from "valibot";
import { programOf, run, startService } from "./child.ts";
import type { Carrier } from "./handset/carrier.ts";
import { createHandset } from "./handset/server.ts";
import { checkPorts, choosePorts, close, listen, type Ports, portsSchema } from "./ports.ts";
import { faint, step } from "./progress.ts";
import { createShop, type Shop } from "./shop/app.ts";
import { OFFICE_PATH } from "./shop/office.ts";
import { createStartPage } from "./start-page.ts";
import type { Stopper } from "./stopper.ts";

/** What the operator handed to the customer. */
const accountSchema = v.strictObject({
  accountId: v.string(),
  telephoneId: v.string(),
  telephonePasscode: v.string(),
  activationLink: v.string(),
  fundingReference: v.string(),
});
const keptSchema = v.strictObject({ v: v.literal(1), ports: portsSchema, account: accountSchema });

export const TELEPHONE = "+49 30 23125 0000"; // of the numbers kept free for films and stories
const OPERATOR = "Chit Demo Bank";
const FUNDS = "25.00";
const FUNDS_SCALE = 4;
const CURRENCY = "EUR";
/** Settlements come while somebody looks on; a day is usual elsewhere. */
const SETTLEMENT_SECONDS = 60;
/** Where the customer would pay in; an example of an IBAN, at no bank. */
const BANK_ACCOUNT = { holder: OPERATOR, iban: "DE89370400440532013000", bic: null, text: null };

/** Everything that a driver or a person needs to know. */
export interface World {
  readonly account: OpenedAccount;
  readonly issuer: string;
  readonly shopUrl: string;
  readonly officeUrl: string;
  readonly handsetUrl: string;
  readonly startUrl: string;
  readonly carrier: Carrier;
  readonly shop: Shop;
  /** What is in the account, in smallest units. */
  balance(): Promise<bigint>;
}

/** Starts it all, in the data directory; whatever was started is in `stopper`, also when this throws. */
export async function startWorld(dataDir: string, stopper: Stopper): Promise<World> {
  const kept = await readKept(dataDir);
  const ports = kept?.ports ?? (await choosePorts());
  if (kept !== null) await checkPorts(ports);
  const tps = await step(
    "Payment server and its database",
    () => startPayments(dataDir, ports),
    (s) => faint(s.issuer),
  );
  await stopper.add(
    "Payment server",
    () => tps.close(),
    () => killDatabase(dataDir),
  );
  const token = randomBytes(24).toString("base64url");
  const callsUrl = `http://127.0.0.1:${ports.vru}${CALLS_PATH}`;
  await step(
    "Telephone service (process of its own)",
    async () => {
      const vru = await startVruProcess(dataDir, ports.vru, token);
      await stopper.add("Telephone service", vru.stop, vru.kill);
    },
    () => faint(callsUrl),
  );

  const account =
    kept?.account ?? (await step(`Account with ${FUNDS} ${CURRENCY}`, () => fundedAccount(tps)));
  if (kept === null) await keep(dataDir, ports, account);
  const carrier: Carrier = {
    fetch,
    voiceUrl: callsUrl,
    statusUrl: callsUrl,
    authToken: token,
    newCallId: () => `CA${randomUUID().replaceAll("-", "")}`,
  };
  const urls = {
    issuer: tps.issuer,
    shopUrl: `http://shop.localhost:${ports.shop}`,
    officeUrl: `http://shop.localhost:${ports.shop}${OFFICE_PATH}/`,
    handsetUrl: `http://phone.localhost:${ports.handset}`,
    startUrl: `http://localhost:${ports.start}`,
  };
  const serve = async (name: string, app: Express, port: number) => {
    const server = await listen(app, port);
    await stopper.add(name, () => close(server));
  };
  const shop = await step(
    "Shop: keys, application, certificate",
    async () => {
      const files = await certify(tps, dataDir, urls.shopUrl);
      const opened = createShop({
        ...files,
        directory: join(dataDir, "shop"),
        nowSeconds: () => Math.floor(Date.now() / 1000),
        walletUrl: urls.startUrl,
      });
      await stopper.add("Shop's store", () => opened.merchant.close());
      await serve("Shop", opened.app, ports.shop);
      return opened;
    },
    () => faint(urls.shopUrl),
  );
  const { telephoneId, telephonePasscode: passcode } = account;
  const letter = { telephoneId, passcode, telephone: TELEPHONE };
  await serve("Telephone", createHandset({ carrier, letter }), ports.handset);
  await serve(
    "Start page",
    createStartPage({ account, telephone: TELEPHONE, ...urls }),
    ports.start,
  );
  const balance = async () => (await showAccount(tps.deps, account.accountId)).balance;
  return { account, carrier, shop, balance, ...urls };
}

function startPayments(dataDir: string, ports: Ports): Promise<RunningTps> {
  return startTps({
    dataDir: join(dataDir, "tps"),
    port: ports.tps,
    logLevel: "warn",
    chores: { everyMilliseconds: 2_000 },
    settleEverySeconds: SETTLEMENT_SECONDS,
    issuer: {
      origin: `http://localhost:${ports.tps}`,
      operator: OPERATOR,
      telephone: TELEPHONE,
      currency: CURRENCY,
      scale: FUNDS_SCALE,
    },
  });
}

/** Without waiting for its connections to end; it recovers at its next start. */
function killDatabase(dataDir: string): void {
  try {
    const file = join(dataDir, "tps", "postgres", "postmaster.pid");
    process.kill(Number.parseInt(readFileSync(file, "utf8"), 10), "SIGQUIT");
  } catch {
    // It has ended already, or never began.
  }
}

function startVruProcess(dataDir: string, port: number, token: string) {
  const env = {
    ...process.env,
    CHIT_DATA_DIR: join(dataDir, "tps"),
    CHIT_VRU_WEBHOOK_TOKEN: token,
    CHIT_VRU_PORT: String(port),
    CHIT_LOG_LEVEL: "info",
  };
  return startService(programOf("@chit/tps-server/vru", "main.ts"), env, (line) =>
    line.includes("takes calls"),
  );
}

async function fundedAccount(tps: RunningTps): Promise<OpenedAccount> {
  const account = await openAccount(tps.deps);
  await setBankAccount(tps.deps, BANK_ACCOUNT);
  const amount = parseDecimal(FUNDS, FUNDS_SCALE);
  await fundAccount(tps.deps, account.accountId, amount, "demo-opening");
  return account;
}

/** As every merchant does it: keys and application by `chit-merchant`, approval by the operator, the bundle. */
async function certify(
  tps: RunningTps,
  dataDir: string,
  origin: string,
): Promise<{ keys: string; bundle: string }> {
  const directory = join(dataDir, "shop");
  const files = {
    keys: join(directory, "chit-merchant-keys.json"),
    bundle: join(directory, "chit-merchant-bundle.json"),
  };
  if (existsSync(files.bundle)) return files;
  await mkdir(directory, { recursive: true });
  const cli = (...args: string[]) =>
    run(process.execPath, [programOf("@chit/merchant", "cli.ts"), ...args, "--dir", directory]);
  const who = [
    "--name",
    "Paper & Ink",
    "--origin",
    origin,
    "--contact",
    "shop@paper-and-ink.example",
  ];
  await cli("apply", ...who, "--tps", tps.issuer);
  const applied = (await listMerchants(tps.deps)).find(({ origins }) => origins.includes(origin));
  if (applied === undefined) throw new Error("The shop's application did not reach the operator.");
  await approveMerchant(tps.deps, applied.applicationId);
  await cli("fetch", "--tps", tps.issuer, "--id", applied.applicationId);
  return files;
}

async function readKept(dataDir: string): Promise<v.InferOutput<typeof keptSchema> | null> {
  const path = join(dataDir, "demo.json");
  if (!existsSync(path)) return null;
  try {
    return v.parse(keptSchema, JSON.parse(await readFile(path, "utf8")));
  } catch (cause) {
    throw new Error(`${path} is not of this demo. Take another directory for --data.`, { cause });
  }
}

async function keep(dataDir: string, ports: Ports, account: OpenedAccount): Promise<void> {
  const text = `${JSON.stringify({ v: 1, ports, account }, null, 2)}\n`;
  await writeFile(join(dataDir, "demo.json"), text, { mode: 0o600 });
}
