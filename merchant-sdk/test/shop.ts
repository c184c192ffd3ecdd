/** A shop on a real port, on Express 4 or 5, with everything passed in. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import express5, { type Express } from "express";
import express4 from "express4";
import {
  createMerchant,
  type Logger,
  type Merchant,
  type MerchantBundleInput,
  type MerchantKeysInput,
  type MerchantOptions,
  memoryStore,
} from "../src/index.ts";
import { temporaryDirectory } from "./temporary.ts";
import { TestIssuer } from "./world.ts";

export const EXPRESS: readonly (readonly [string, typeof express5])[] = [
  ["Express 4", express4],
  ["Express 5", express5],
];

/** Collects what the shop logs. */
export class TestLogger implements Logger {
  readonly lines: string[] = [];
  info = (fields: object, message: string) => this.#add("info", fields, message);
  warn = (fields: object, message: string) => this.#add("warn", fields, message);
  error = (fields: object, message: string) => this.#add("error", fields, message);

  #add(level: string, fields: object, message: string): void {
    this.lines.push(`${level} ${message} ${JSON.stringify(fields)}`);
  }

  get text(): string {
    return this.lines.join("\n");
  }
}

export interface Shop {
  readonly origin: string;
  readonly issuer: TestIssuer;
  readonly merchant: Merchant;
  readonly logger: TestLogger;
  readonly directory: string;
  /** What the shop was made with. */
  readonly files: { readonly keys: MerchantKeysInput; readonly bundle: MerchantBundleInput };
  /** Moves the shop's clock. */
  readonly time: { now: number };
  readonly app: Express;
  close(): Promise<void>;
}

export const NOW = 1_800_000_000;

export interface ShopSetup {
  readonly express?: typeof express5;
  readonly options?: Partial<MerchantOptions>;
  /** Origins certified besides the one of the port. */
  readonly origins?: (origin: string) => string[];
  readonly certificateExpires?: number;
}

/** Opens a shop; `build` mounts the router and the things for sale. */
export async function openShop(
  build: (app: Express, merchant: Merchant, shop: { directory: string }) => void,
  { express = express5, options = {}, origins, certificateExpires }: ShopSetup = {},
): Promise<Shop> {
  const app = express();
  const server: Server = createServer(app);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const issuer = new TestIssuer(NOW);
  const certified = origins?.(origin) ?? [origin];
  const { keys, bundle } = await issuer.merchant(certified, certificateExpires);
  const directory = temporaryDirectory();
  const logger = new TestLogger();
  const time = { now: NOW };
  const merchant = createMerchant({
    keys,
    bundle,
    store: memoryStore(),
    goodsDirectory: join(directory, "goods"),
    clock: () => time.now,
    logger,
    background: false,
    ...options,
  });
  build(app, merchant, { directory });
  return {
    origin,
    issuer,
    merchant,
    logger,
    directory,
    files: { keys, bundle },
    time,
    app,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await merchant.close();
    },
  };
}
