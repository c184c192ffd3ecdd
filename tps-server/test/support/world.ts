/** A TPS without HTTP, a certified merchant, and wallets that speak the real protocol. */
import { randomBytes } from "node:crypto";
import {
  createApplication,
  type KeyList,
  type OpeningKey,
  SUITE,
  toBase64url,
  verifyKeyList,
} from "@chit/protocol";
import { type NodeSigner, nodeCrypto, nodeOpeningKey, nodeSigner } from "@chit/protocol/node";
import type { TpsDeps } from "../../src/deps.ts";
import { newIdentifier } from "../../src/identifiers.ts";
import { initialiseIssuer } from "../../src/issuer/issuer.ts";
import { type KeyRings, keepKeyRing } from "../../src/keys/key-ring.ts";
import { createVault } from "../../src/keys/vault.ts";
import {
  approveMerchant,
  type MerchantBundle,
  registerApplication,
} from "../../src/merchants/applications.ts";
import { createDecoy } from "../../src/payment/decoy.ts";
import type { PaymentDeps } from "../../src/payment/process.ts";
import type { Database } from "../../src/store/database.ts";
import { createTestDatabase } from "./database.ts";

export const ISSUER = "https://tps.example";
export const SHOP = "https://shop.example";

/** `length` unpredictable bytes. */
export const random = (length: number): Uint8Array => Uint8Array.from(randomBytes(length));
/** A fresh identifier, as the TPS makes them: none begins like an option on a command line. */
export const id = (): string => newIdentifier({ randomBytes: random });

/** A TPS whose clock stands still until a test moves it. */
export interface World {
  readonly deps: PaymentDeps;
  readonly database: Database;
  readonly databaseName: string;
  /** What a server of its own needs to be this TPS. */
  readonly environment: Readonly<Record<"CHIT_PIN_KEY" | "CHIT_MASTER_KEY", string>>;
  readonly merchantId: string;
  readonly bundle: MerchantBundle;
  /** Seconds. */
  now: number;
  keyList(): KeyList;
  /** The same TPS with another database in front: for faults. */
  withDatabase(database: Database): PaymentDeps;
  close(): Promise<void>;
}

/** @param now seconds */
export async function createWorld(now = 1_800_000_000): Promise<World> {
  const { name, database, drop } = await createTestDatabase();
  const clock = { now };
  const [pinKey, masterKey] = [random(32), random(32)];
  const platform = { nowSeconds: () => clock.now, randomBytes: random };
  const crypto = nodeCrypto(random);
  const base: TpsDeps = {
    database,
    crypto,
    platform,
    masterVault: createVault("master", [masterKey], random),
    pinVault: createVault("pin", [pinKey], random),
    operatorName: "tester",
  };
  await initialiseIssuer(base, {
    origin: ISSUER,
    operator: "Example Pay",
    telephone: "+49 30 123456",
    currency: "EUR",
    scale: 4,
  });
  const environment = {
    CHIT_PIN_KEY: toBase64url(pinKey),
    CHIT_MASTER_KEY: toBase64url(masterKey),
  };
  return worldOn(base, clock, { databaseName: name, environment, close: drop });
}

/** A world on a TPS that was opened and initialised already; `clock` is what its platform tells. */
export async function worldOn(
  base: TpsDeps,
  clock: { now: number },
  rest: Pick<World, "databaseName" | "environment" | "close">,
): Promise<World> {
  const keyRings: KeyRings = await keepKeyRing(base);
  const deps: PaymentDeps = { ...base, keyRings, decoy: createDecoy(base) };
  const { merchantId, bundle } = await certifyMerchant(base);
  return {
    ...rest,
    deps,
    database: base.database,
    merchantId,
    bundle,
    get now() {
      return clock.now;
    },
    set now(seconds) {
      clock.now = seconds;
    },
    keyList() {
      const { rootKey, keyList } = keyRings.current();
      return verifyKeyList(base.crypto, rootKey, keyList.document, clock.now);
    },
    withDatabase: (other) => ({ ...deps, database: other }),
  };
}

/** A signed application, as a merchant's program makes it. */
export async function signedApplication(
  name = "Paper & Ink",
  signer = nodeSigner(random(32)),
): Promise<string> {
  const key: OpeningKey & { publicRaw: Uint8Array } = await nodeOpeningKey(
    nodeCrypto(random),
    random(32),
  );
  return createApplication(signer, {
    v: 1,
    iat: 1_800_000_000,
    name,
    origins: [SHOP],
    contact: "shop@example.org",
    suite: SUITE,
    sealingKey: toBase64url(key.publicRaw),
    signingKey: toBase64url(signer.publicKey),
  });
}

/** Applies and approves. */
export async function certifyMerchant(
  deps: TpsDeps,
  signer?: NodeSigner,
): Promise<{ merchantId: string; bundle: MerchantBundle }> {
  const application = await signedApplication("Paper & Ink", signer);
  const { applicationId } = await registerApplication(deps, application);
  return approveMerchant(deps, applicationId);
}
