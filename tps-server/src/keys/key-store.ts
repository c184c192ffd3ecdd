/** The issuer's keys in the database; the private halves sealed under the master key. */
import { keyId } from "@chit/protocol";
import { nodeOpeningKey, nodeSigner } from "@chit/protocol/node";
import type { TpsDeps } from "../deps.ts";
import type { Queryable } from "../store/database.ts";

/** root: signs key lists. signing: signs proofs, denials, certificates. sealing: opens requests. */
export type KeyPurpose = "root" | "signing" | "sealing";

/** A key without its private half. Times in seconds. */
export interface KeyRecord {
  readonly keyId: string;
  readonly purpose: KeyPurpose;
  readonly publicKey: Uint8Array;
  readonly notBefore: number;
  readonly notAfter: number;
  /** For sealing keys: until when requests sealed to it are still opened. */
  readonly opensUntil: number;
}

/** A key as it is stored. */
export interface StoredKey extends KeyRecord {
  readonly sealedUnder: string;
  readonly sealedPrivateKey: Uint8Array;
}

interface Row {
  key_id: string;
  purpose: KeyPurpose;
  public_key: Buffer;
  sealed_private_key: Buffer;
  sealed_under: string;
  not_before: bigint;
  not_after: bigint;
  opens_until: bigint;
}

/** All keys, the newest of each purpose first. */
export async function readKeys(database: Queryable): Promise<StoredKey[]> {
  const rows = await database.query<Row>(
    `select key_id, purpose, public_key, sealed_private_key, sealed_under, not_before, not_after, opens_until
     from keys order by purpose, not_before desc, not_after desc`,
  );
  return rows.map((row) => ({
    keyId: row.key_id,
    purpose: row.purpose,
    publicKey: Uint8Array.from(row.public_key),
    sealedPrivateKey: row.sealed_private_key,
    sealedUnder: row.sealed_under,
    notBefore: Number(row.not_before),
    notAfter: Number(row.not_after),
    opensUntil: Number(row.opens_until),
  }));
}

/** Makes a key and stores it. */
export async function createKey(
  deps: Pick<TpsDeps, "crypto" | "platform" | "masterVault">,
  tx: Queryable,
  purpose: KeyPurpose,
  life: Pick<KeyRecord, "notBefore" | "notAfter" | "opensUntil">,
): Promise<KeyRecord> {
  const privateKey = deps.platform.randomBytes(32);
  const publicKey =
    purpose === "sealing"
      ? (await nodeOpeningKey(deps.crypto, privateKey)).publicRaw
      : nodeSigner(privateKey).publicKey;
  const id = keyId(publicKey, purpose === "sealing" ? "X25519" : "Ed25519");
  const { keyId: sealedUnder, sealed } = deps.masterVault.seal(privateKey, purpose, id);
  await tx.query(
    `insert into keys
       (key_id, purpose, public_key, sealed_private_key, sealed_under, not_before, not_after, opens_until, created_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    [
      id,
      purpose,
      publicKey,
      sealed,
      sealedUnder,
      life.notBefore,
      life.notAfter,
      life.opensUntil,
      deps.platform.nowSeconds(),
    ],
  );
  return { keyId: id, purpose, publicKey, ...life };
}

/** The private half, 32 bytes. */
export function openPrivateKey(deps: Pick<TpsDeps, "masterVault">, key: StoredKey): Uint8Array {
  const stored = { keyId: key.sealedUnder, sealed: key.sealedPrivateKey };
  return Uint8Array.from(deps.masterVault.open(stored, key.purpose, key.keyId));
}
