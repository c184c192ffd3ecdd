/** What a purchase needs besides the wallet: a payment server, a certified shop, an account with money. */
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { createApplication, INITIAL_MODIFIER, modifyPin, SUITE, toBase64url } from "@chit/protocol";
import { nodeCrypto, nodeOpeningKey, nodeSigner } from "@chit/protocol/node";
import {
  approveMerchant,
  fundAccount,
  openAccount,
  registerApplication,
  systemPlatform,
} from "@chit/tps-server";
import type { RowContext } from "../row.ts";
import { type BenchTps, startBenchTps } from "../tps/server.ts";
import { SALE_PATH, type ShopOrder } from "./shop-worker.ts";

export const PIN = "314159";
const FUNDS = 1_000_000n;

/** Servers that run, and an account whose wallet is still to be made. */
export interface World {
  /** The page with the thing for sale. */
  readonly saleUrl: string;
  readonly activationLink: string;
  /** For what this world keeps, on a disk. */
  readonly directory: string;
  /** What the telephone service would do: the wallet that was activated has {@link PIN} from now on. */
  setPin(): Promise<void>;
  /** How many payments are in the books. */
  countPaid(): Promise<number>;
}

/** Starts it all; stopped and removed when the row ends. */
export async function startWorld(context: RowContext): Promise<World> {
  const tps = await startBenchTps(context, 1, await freePort());
  const { deps } = tps;
  const directory = await mkdtemp(join(context.effort.directory, "bench-wallet-"));
  context.onEnd(() => rm(directory, { recursive: true, force: true }));
  const shopPort = await freePort();
  const origin = `http://shop.localhost:${shopPort}`;
  const certified = await certify(tps, origin);
  await openShop(context, { ...certified, port: shopPort, directory });
  const { accountId, activationLink } = await openAccount(deps);
  await fundAccount(deps, accountId, FUNDS, "benchmark");
  return {
    saleUrl: origin + SALE_PATH,
    activationLink,
    directory,
    setPin: () => setPin(tps, accountId),
    async countPaid() {
      const [row] = await deps.database.query<{ count: bigint }>(
        "select count(*) from payments where verdict = 'proof'",
      );
      return Number(row?.count ?? 0n);
    },
  };
}

/** A port that was free just now. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

async function openShop({ onEnd }: RowContext, order: ShopOrder): Promise<void> {
  const worker = new Worker(new URL("shop-worker.ts", import.meta.url));
  onEnd(async () => void (await worker.terminate()));
  const opened = once(worker, "message");
  worker.postMessage(order);
  await opened;
}

/** As every merchant: an application that the operator approves. */
async function certify({ deps }: BenchTps, origin: string) {
  const crypto = nodeCrypto(systemPlatform.randomBytes);
  const [sealing, signing] = [crypto.randomBytes(32), crypto.randomBytes(32)];
  const signer = nodeSigner(signing);
  const application = await createApplication(signer, {
    v: 1,
    iat: systemPlatform.nowSeconds(),
    name: "Paper & Ink",
    origins: [origin],
    contact: "shop@example.com",
    suite: SUITE,
    sealingKey: toBase64url((await nodeOpeningKey(crypto, sealing)).publicRaw),
    signingKey: toBase64url(signer.publicKey),
  });
  const { applicationId } = await registerApplication(deps, application);
  const { bundle } = await approveMerchant(deps, applicationId);
  const keys = {
    v: 1 as const,
    sealingKey: toBase64url(sealing),
    signingKey: toBase64url(signing),
  };
  return { keys, bundle };
}

async function setPin({ deps }: BenchTps, accountId: string): Promise<void> {
  const [device] = await deps.database.query<{ device_id: string }>(
    "select device_id from devices where account_id = $1",
    [accountId],
  );
  if (device === undefined) throw new Error("The wallet was not activated.");
  const { device_id: deviceId } = device;
  const modified = modifyPin(PIN, INITIAL_MODIFIER);
  const { sealed, keyId } = deps.pinVault.seal(modified, accountId, deviceId);
  await deps.database.query(
    `update devices set pin_state = 'active', pin_generation = pin_generation + 1, modified_pin = $3,
       modified_pin_key_id = $4 where account_id = $1 and device_id = $2`,
    [accountId, deviceId, sealed, keyId],
  );
}
