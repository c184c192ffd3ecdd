/** The keys in use by a running server, held in memory and read again when the operator rotates them. */
import type { OpeningKey } from "@chit/protocol";
import { type NodeSigner, nodeOpeningKey, nodeSigner } from "@chit/protocol/node";
import type { TpsDeps } from "../deps.ts";
import { OperatorError } from "../errors.ts";
import { type Issuer, readIssuer } from "../issuer/read-issuer.ts";
import { LIMITS } from "../limits.ts";
import { type PublishedKeyList, publishKeyList, rootSigner } from "./key-list.ts";
import { openPrivateKey, readKeys, type StoredKey } from "./key-store.ts";
import { ensureKeys } from "./rotate.ts";

/** The keys of one moment. */
export interface KeyRing {
  readonly issuer: Issuer;
  /** The root public key, which wallets and merchants pin. */
  readonly rootKey: Uint8Array;
  readonly keyList: PublishedKeyList;
  /** The signing key in force at `now`, of several the one that came last. */
  signer(now: number): NodeSigner;
  /** The sealing key of that id, as long as it opens; undefined for any other. */
  openingKey(keyId: string, now: number): OpeningKey | undefined;
}

/** The current keys, for a process that answers requests. */
export interface KeyRings {
  current(): KeyRing;
  /** Tends the keys (successors, key list) and reads them again. */
  reload(): Promise<KeyRing>;
  /** The sealing key of that id; looks for new keys before it gives up, at most once a second. */
  findOpeningKey(keyId: string): Promise<OpeningKey | undefined>;
}

/**
 * Reads the keys, after making what is missing.
 *
 * @throws {OperatorError} `not-initialised`, `outside-key-missing`
 */
export async function loadKeyRing(deps: TpsDeps): Promise<KeyRing> {
  const issuer = await readIssuer(deps.database);
  await deps.database.transaction((tx) => ensureKeys(deps, tx));
  const keyList = await publishKeyList(deps);
  const keys = await readKeys(deps.database);
  const signers = keys
    .filter((key) => key.purpose === "signing")
    .map((key) => ({ ...key, signer: nodeSigner(openPrivateKey(deps, key)) }));
  const sealing = keys.filter((key) => key.purpose === "sealing");
  const opening = new Map<string, { key: StoredKey; opening: OpeningKey }>();
  for (const key of sealing) {
    const privateKey = openPrivateKey(deps, key);
    opening.set(key.keyId, { key, opening: await nodeOpeningKey(deps.crypto, privateKey) });
  }
  return {
    issuer,
    keyList,
    rootKey: rootSigner(deps, keys).publicKey,
    signer(now) {
      const inForce = signers.find((key) => key.notBefore <= now && now <= key.notAfter);
      if (inForce === undefined) {
        throw new OperatorError(
          "outside-key-missing",
          'No signing key is in force. Run "chit-tps keys rotate signing --now".',
        );
      }
      return inForce.signer;
    },
    openingKey(keyId, now) {
      const found = opening.get(keyId);
      return found !== undefined && now <= found.key.opensUntil ? found.opening : undefined;
    },
  };
}

/** Loads the keys and keeps them current. */
export async function keepKeyRing(deps: TpsDeps): Promise<KeyRings> {
  let ring = await loadKeyRing(deps);
  let loading: Promise<KeyRing> | undefined;
  let lastLookAt = deps.platform.nowSeconds();
  const reload = () => {
    loading ??= loadKeyRing(deps).finally(() => {
      loading = undefined;
    });
    return loading.then((loaded) => {
      ring = loaded;
      return loaded;
    });
  };
  return {
    current: () => ring,
    reload,
    async findOpeningKey(keyId) {
      const now = deps.platform.nowSeconds();
      const known = ring.openingKey(keyId, now);
      if (known !== undefined || now - lastLookAt < LIMITS.keyReloadSeconds) return known;
      lastLookAt = now;
      return (await reload()).openingKey(keyId, now);
    },
  };
}
