/** Merchant applications: they come in, the operator reviews, a certificate goes out. */
import { createHash } from "node:crypto";
import {
  createCertificate,
  type MerchantApplication,
  SUITE,
  toBase64url,
  utf8,
  verifyApplication,
} from "@chit/protocol";
import type { TpsDeps } from "../deps.ts";
import { OperatorError } from "../errors.ts";
import { newIdentifier } from "../identifiers.ts";
import { type KeyRing, loadKeyRing } from "../keys/key-ring.ts";
import { LIMITS } from "../limits.ts";
import { logOperation } from "../operator-log.ts";
import { one, type Queryable } from "../store/database.ts";

/** What a merchant's program needs of its issuer; `chit-merchant-bundle.json`. */
export interface MerchantBundle {
  readonly v: 1;
  readonly issuer: string;
  /** The issuer's root key, base64url. */
  readonly rootKey: string;
  readonly certificate: string;
  readonly keyList: string;
}

/** An application as registered. */
export interface RegisteredApplication {
  readonly applicationId: string;
  readonly state: "pending" | "approved";
  /** False when the very same document had been registered before. */
  readonly isNew: boolean;
}

/**
 * Registers a merchant's signed application for review; the same document again is the same application.
 *
 * @param mostPending how many may wait for review: for the public endpoint, which anybody can flood. The operator's own
 * registrations are never turned away.
 * @throws {OperatorError} `application-invalid`; `already-done` when too many wait for review
 */
export async function registerApplication(
  deps: TpsDeps,
  document: string,
  mostPending = Number.POSITIVE_INFINITY,
): Promise<RegisteredApplication> {
  const application = verify(deps, document);
  const documentHash = createHash("sha256").update(utf8(document)).digest();
  return deps.database.transaction(async (tx) => {
    const before = one(
      await tx.query<{ application_id: string; state: "pending" | "approved" }>(
        "select application_id, state from merchant_applications where document_hash = $1",
        [documentHash],
      ),
    );
    if (before !== undefined) {
      return { applicationId: before.application_id, state: before.state, isNew: false };
    }
    await refuseFlood(tx, mostPending);
    const applicationId = newIdentifier(deps.platform);
    await tx.query(
      `insert into merchant_applications
         (application_id, document, document_hash, name, contact, origins, received_at)
       values ($1, $2, $3, $4, $5, $6, $7)`,
      [
        applicationId,
        document,
        documentHash,
        application.name,
        application.contact,
        application.origins,
        deps.platform.nowSeconds(),
      ],
    );
    return { applicationId, state: "pending", isNew: true };
  });
}

function verify(deps: Pick<TpsDeps, "crypto">, document: string): MerchantApplication {
  try {
    return verifyApplication(deps.crypto, document);
  } catch (cause) {
    throw new OperatorError(
      "application-invalid",
      `The application does not verify: ${(cause as Error).message} Make a new one with "chit-merchant apply".`,
      { cause },
    );
  }
}

async function refuseFlood(tx: Queryable, mostPending: number): Promise<void> {
  const row = one(
    await tx.query<{ waiting: bigint }>(
      "select count(*) as waiting from merchant_applications where state = 'pending'",
    ),
  );
  if (Number(row?.waiting ?? 0n) >= mostPending) {
    throw new OperatorError(
      "already-done",
      "Too many applications wait for review. Ask the operator, and send this one later.",
    );
  }
}

/**
 * Approves an application: the merchant gets an id and a certificate. Again it gives the same bundle, with the
 * current key list.
 *
 * @throws {OperatorError} `application-unknown`
 */
export async function approveMerchant(
  deps: TpsDeps,
  applicationId: string,
): Promise<{ merchantId: string; bundle: MerchantBundle }> {
  const ring = await loadKeyRing(deps);
  const merchantId = await deps.database.transaction(async (tx) => {
    const row = one(
      await tx.query<{ document: string; merchant_id: string | null }>(
        "select document, merchant_id from merchant_applications where application_id = $1 for update",
        [applicationId],
      ),
    );
    if (row === undefined) throw unknownApplication(applicationId);
    if (row.merchant_id !== null) return row.merchant_id;
    const application = verify(deps, row.document);
    const now = deps.platform.nowSeconds();
    const newMerchantId = await certify(deps, tx, ring, application, now);
    await tx.query(
      `update merchant_applications set state = 'approved', merchant_id = $2, decided_at = $3
       where application_id = $1`,
      [applicationId, newMerchantId, now],
    );
    await logOperation(deps, tx, "merchant approve", newMerchantId, { applicationId });
    return newMerchantId;
  });
  return { merchantId, bundle: await readBundle(deps, ring, merchantId) };
}

/** A new merchant with a certificate for what it applied for. */
async function certify(
  deps: TpsDeps,
  tx: Queryable,
  ring: KeyRing,
  application: MerchantApplication,
  now: number,
): Promise<string> {
  const merchantId = newIdentifier(deps.platform);
  const serial = newIdentifier(deps.platform);
  const expiresAt = now + LIMITS.certificateSeconds;
  const document = await createCertificate(ring.signer(now), {
    v: 1,
    iss: ring.issuer.origin,
    jti: serial,
    iat: now,
    nbf: now,
    exp: expiresAt,
    merchantId,
    name: application.name,
    origins: application.origins,
    suite: SUITE,
    sealingKey: toBase64url(application.sealingKey),
    signingKey: toBase64url(application.signingKey),
    currency: ring.issuer.currency,
    scale: ring.issuer.scale,
  });
  await tx.query("insert into merchants (merchant_id, name, created_at) values ($1, $2, $3)", [
    merchantId,
    application.name,
    now,
  ]);
  await tx.query(
    `insert into certificates (serial, merchant_id, document, issued_at, not_before, expires_at)
     values ($1, $2, $3, $4, $4, $5)`,
    [serial, merchantId, document, now, expiresAt],
  );
  return merchantId;
}

/**
 * The state of an application, with the bundle once it is approved.
 *
 * @throws {OperatorError} `application-unknown`
 */
export async function readApplication(
  deps: Pick<TpsDeps, "database">,
  ring: KeyRing,
  applicationId: string,
): Promise<{ state: "pending" | "approved"; bundle?: MerchantBundle }> {
  const row = one(
    await deps.database.query<{ merchant_id: string | null }>(
      "select merchant_id from merchant_applications where application_id = $1",
      [applicationId],
    ),
  );
  if (row === undefined) throw unknownApplication(applicationId);
  if (row.merchant_id === null) return { state: "pending" };
  return { state: "approved", bundle: await readBundle(deps, ring, row.merchant_id) };
}

async function readBundle(
  deps: Pick<TpsDeps, "database">,
  ring: KeyRing,
  merchantId: string,
): Promise<MerchantBundle> {
  const row = one(
    await deps.database.query<{ document: string }>(
      "select document from certificates where merchant_id = $1 order by issued_at desc limit 1",
      [merchantId],
    ),
  );
  if (row === undefined) throw new Error(`The merchant ${merchantId} has no certificate.`);
  return {
    v: 1,
    issuer: ring.issuer.origin,
    rootKey: toBase64url(ring.rootKey),
    certificate: row.document,
    keyList: ring.keyList.document,
  };
}

function unknownApplication(applicationId: string): OperatorError {
  return new OperatorError(
    "application-unknown",
    `There is no merchant application ${applicationId}. "merchant list" shows them.`,
  );
}
