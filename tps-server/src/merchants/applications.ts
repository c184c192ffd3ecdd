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

/** Where an application is; the latter two are final. */
export type ApplicationState = "pending" | "approved" | "rejected";

/** An application as registered. */
export interface RegisteredApplication {
  readonly applicationId: string;
  readonly state: ApplicationState;
  /** False when the very same document had been registered before. */
  readonly isNew: boolean;
}

/**
 * Registers a merchant's signed application for review; the same document again is the same application, rejected
 * where that was. (A merchant who applies again signs a new document.)
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
      await tx.query<{ application_id: string; state: ApplicationState }>(
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
 * @throws {OperatorError} `application-unknown`, `already-done` when it was rejected
 */
export async function approveMerchant(
  deps: TpsDeps,
  applicationId: string,
): Promise<{ merchantId: string; bundle: MerchantBundle }> {
  const ring = await loadKeyRing(deps);
  const merchantId = await deps.database.transaction(async (tx) => {
    const row = await lockApplication(tx, applicationId);
    if (row.merchant_id !== null) return row.merchant_id;
    if (row.state === "rejected") {
      throw new OperatorError(
        "already-done",
        `The application ${applicationId} was rejected. Let the merchant send a new one, made with "chit-merchant apply".`,
      );
    }
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

/**
 * Rejects an application that waits for review: the merchant is told, and it cannot be approved any more. Again it
 * changes nothing.
 *
 * @throws {OperatorError} `application-unknown`, `already-done` when it was approved
 */
export async function rejectApplication(deps: TpsDeps, applicationId: string): Promise<void> {
  await deps.database.transaction(async (tx) => {
    const { state, merchant_id: merchantId } = await lockApplication(tx, applicationId);
    switch (state) {
      case "rejected":
        return;
      case "approved":
        throw new OperatorError(
          "already-done",
          `The application ${applicationId} was approved. To stop payments run "merchant revoke ${merchantId}".`,
        );
      case "pending":
        await tx.query(
          "update merchant_applications set state = 'rejected', decided_at = $2 where application_id = $1",
          [applicationId, deps.platform.nowSeconds()],
        );
        await logOperation(deps, tx, "merchant reject", applicationId);
    }
  });
}

/** The application, which nobody else decides about until this transaction ends. */
async function lockApplication(tx: Queryable, applicationId: string) {
  const row = one(
    await tx.query<{ document: string; merchant_id: string | null; state: ApplicationState }>(
      "select document, merchant_id, state from merchant_applications where application_id = $1 for update",
      [applicationId],
    ),
  );
  if (row === undefined) throw unknownApplication(applicationId);
  return row;
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
): Promise<{ state: ApplicationState; bundle?: MerchantBundle }> {
  const row = one(
    await deps.database.query<{ merchant_id: string | null; state: ApplicationState }>(
      "select merchant_id, state from merchant_applications where application_id = $1",
      [applicationId],
    ),
  );
  if (row === undefined) throw unknownApplication(applicationId);
  if (row.merchant_id === null) return { state: row.state };
  return { state: row.state, bundle: await readBundle(deps, ring, row.merchant_id) };
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
