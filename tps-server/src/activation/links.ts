/** Activation links: a one-time secret for a new device of an account. Only its hash is stored. */
import { activationSecretHash, formatActivationLink } from "@chit/protocol";
import type { TpsDeps } from "../deps.ts";
import { readIssuer } from "../issuer/read-issuer.ts";
import { rootSigner } from "../keys/key-list.ts";
import { readKeys } from "../keys/key-store.ts";
import { LIMITS } from "../limits.ts";
import type { Queryable } from "../store/database.ts";

const SECRET_BYTES = 16;

/** Makes a link for one more device of the account; it is shown once and can be used for two weeks. */
export async function createActivationLink(
  deps: TpsDeps,
  tx: Queryable,
  accountId: string,
): Promise<string> {
  const secret = deps.platform.randomBytes(SECRET_BYTES);
  const now = deps.platform.nowSeconds();
  await tx.query(
    `insert into activations (secret_hash, account_id, expires_at, created_at)
     values ($1, $2, $3, $4)`,
    [activationSecretHash(secret), accountId, now + LIMITS.activationSeconds, now],
  );
  const { origin } = await readIssuer(tx);
  const rootKey = rootSigner(deps, await readKeys(tx)).publicKey;
  return formatActivationLink({ issuer: origin, secret, rootKey });
}
