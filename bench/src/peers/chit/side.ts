/** The article sold through Chit: the merchant's SDK, the payment server as it is operated, the wallet's core. */
import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { createApplication, parseDecimal, SUITE, toBase64url } from "@chit/protocol";
import { nodeCrypto, nodeOpeningKey, nodeSigner } from "@chit/protocol/node";
import {
  approveMerchant,
  fundAccount,
  openAccount,
  registerApplication,
  systemPlatform,
} from "@chit/tps-server";
import { setPin } from "@chit/tps-server/core";
import { cpuOfTree } from "../../process-tree.ts";
import { type BenchTps, startBenchTps } from "../../tps/server.ts";
import { ARTICLE_PATH, ARTICLE_PRICE } from "../article.ts";
import { startProgram } from "../programs.ts";
import type { OpenSide } from "../side.ts";
import type { ChitMerchant, ChitShopper } from "./orders.ts";

const PIN = "314159";
/** Decimals of the issuer's smallest unit. */
const SCALE = 4;
const PRICE = parseDecimal(ARTICLE_PRICE, SCALE);
const FUNDS = PRICE * 1_000_000n;

/** Puts up payment server, shop and shopper. */
export const openChit: OpenSide = async (context) => {
  // One shopper keeps one process busy at most.
  const tps = await startBenchTps(context, 1);
  const directory = await mkdtemp(join(context.effort.directory, "bench-peers-"));
  context.onEnd(() => rm(directory, { recursive: true, force: true }));
  const here = (file: string) => new URL(file, import.meta.url);
  const merchant = startProgram<ChitMerchant>(context, here("merchant.ts"));
  const shopper = startProgram<ChitShopper>(context, here("shopper.ts"));

  const { origin } = await merchant.ask("listen", null);
  const { merchantId, ...certified } = await certify(tps, origin);
  await merchant.ask("open", { ...certified, directory });
  await openShopper(tps, shopper, `${origin}${ARTICLE_PATH}`);
  const postmaster = await postmasterOf(tps);
  return {
    buy: (count) => shopper.ask("buy", { count }),
    async spent() {
      const [merchantCpu, payments, database] = await Promise.all([
        merchant.ask("spent", null),
        cpuOfTree(tps.pid),
        cpuOfTree(postmaster),
      ]);
      return { merchant: merchantCpu, payments, database };
    },
    sales: () => salesOf(tps, merchantId),
  };
};

/** As every merchant is certified, without the files between the steps. */
async function certify({ deps }: BenchTps, origin: string) {
  const random = (length: number) => Uint8Array.from(randomBytes(length));
  const [sealing, signing] = [random(32), random(32)];
  const signer = nodeSigner(signing);
  const { publicRaw } = await nodeOpeningKey(nodeCrypto(random), sealing);
  const application = await createApplication(signer, {
    v: 1,
    iat: systemPlatform.nowSeconds(),
    name: "Benchmark",
    origins: [origin],
    contact: "shop@example.org",
    suite: SUITE,
    sealingKey: toBase64url(publicRaw),
    signingKey: toBase64url(signer.publicKey),
  });
  const { applicationId } = await registerApplication(deps, application);
  const { merchantId, bundle } = await approveMerchant(deps, applicationId);
  const keys = {
    v: 1,
    sealingKey: toBase64url(sealing),
    signingKey: toBase64url(signing),
  } as const;
  return { merchantId, bundle, keys };
}

/** An account with money, its wallet, and a PIN for that. */
async function openShopper(
  tps: BenchTps,
  shopper: ReturnType<typeof startProgram<ChitShopper>>,
  articleUrl: string,
): Promise<void> {
  const { deps, issuer, host, port } = tps;
  const { accountId, activationLink } = await openAccount(deps);
  await fundAccount(deps, accountId, FUNDS, "benchmark");
  const tpsOrigin = `http://${host}:${port}`;
  const told = { activationLink, articleUrl, issuer, tpsOrigin, pin: PIN };
  const { deviceId } = await shopper.ask("open", told);
  await deps.database.transaction((tx) => setPin(tx, deps.pinVault, { accountId, deviceId }, PIN));
}

/** PostgreSQL's first process, of which all others descend. */
async function postmasterOf({ deps }: BenchTps): Promise<number> {
  const [row] = await deps.database.query<{ directory: string }>(
    "select current_setting('data_directory') as directory",
  );
  const file = await readFile(join(row?.directory ?? "", "postmaster.pid"), "utf8");
  return Number.parseInt(file, 10);
}

async function salesOf({ deps }: BenchTps, merchantId: string): Promise<number> {
  const [row] = await deps.database.query<{ count: bigint; amount: bigint | null }>(
    "select count(*), sum(amount)::bigint as amount from payments where verdict = 'proof' and merchant_id = $1",
    [merchantId],
  );
  const count = Number(row?.count ?? 0n);
  if ((row?.amount ?? 0n) !== PRICE * BigInt(count)) throw new Error("The books are wrong.");
  return count;
}
