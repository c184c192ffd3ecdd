/** Publishing the key list: what wallets and merchants must know, signed by the root key. */
import { createKeyList, type KeyListInput, SUITE, toBase64url, toJwks } from "@chit/protocol";
import { type NodeSigner, nodeSigner } from "@chit/protocol/node";
import type { TpsDeps } from "../deps.ts";
import { OperatorError } from "../errors.ts";
import { readIssuer } from "../issuer/read-issuer.ts";
import { LIMITS } from "../limits.ts";
import { one, type Queryable } from "../store/database.ts";
import { openPrivateKey, readKeys, type StoredKey } from "./key-store.ts";

/** A key list as published. */
export interface PublishedKeyList {
  /** The JWS. */
  readonly document: string;
  /** The signing keys again as a JWKS (JSON). */
  readonly jwks: string;
  readonly sequence: number;
}

type Content = Omit<KeyListInput, "iat" | "exp" | "sequence">;

/**
 * The current key list. Signs a new one, with the next sequence number, when its content changed or half of
 * its life is over.
 */
export async function publishKeyList(deps: TpsDeps): Promise<PublishedKeyList> {
  return deps.database.transaction(async (tx) => {
    const stored = one(
      await tx.query<{ key_list_sequence: bigint; key_list_document: string | null }>(
        "select key_list_sequence, key_list_document from issuer for update",
      ),
    );
    const now = deps.platform.nowSeconds();
    const keys = await readKeys(tx);
    const content = await makeContent(tx, keys, now);
    const sequence = Number(stored?.key_list_sequence ?? 0n);
    const document = stored?.key_list_document ?? undefined;
    if (document !== undefined && isStillRight(document, content, now)) {
      return { document, sequence, jwks: jwksOf(content) };
    }
    const list = {
      ...content,
      iat: now,
      exp: now + LIMITS.keyListSeconds,
      sequence: sequence + 1,
    };
    const signed = await createKeyList(rootSigner(deps, keys), list);
    await tx.query(
      "update issuer set key_list_sequence = $1, key_list_document = $2, key_list_expires_at = $3",
      [list.sequence, signed, list.exp],
    );
    return { document: signed, sequence: list.sequence, jwks: jwksOf(content) };
  });
}

async function makeContent(
  tx: Queryable,
  keys: readonly StoredKey[],
  now: number,
): Promise<Content> {
  const { origin, operator, telephone, currency, scale } = await readIssuer(tx);
  const listed = (key: StoredKey) => ({
    kid: key.keyId,
    publicKey: toBase64url(key.publicKey),
    notBefore: key.notBefore,
    notAfter: key.notAfter,
  });
  return {
    v: 1,
    iss: origin,
    operator,
    telephone,
    currency,
    scale,
    signingKeys: keys.filter((key) => key.purpose === "signing").map(listed),
    sealingKeys: keys
      .filter((key) => key.purpose === "sealing" && key.notAfter >= now)
      .map((key) => ({ ...listed(key), suite: SUITE })),
  };
}

/** Compares with the list that was published last, which we signed ourselves. */
function isStillRight(document: string, content: Content, now: number): boolean {
  const payload = document.split(".")[1] ?? "";
  const published: KeyListInput = JSON.parse(Buffer.from(payload, "base64url").toString("utf8"));
  const { iat: _iat, exp, sequence: _sequence, ...rest } = published;
  const halfLife = LIMITS.keyListSeconds / 2;
  return exp - now > halfLife && canonical(rest) === canonical(content);
}

function canonical(content: Content): string {
  const { signingKeys, sealingKeys, ...rest } = content;
  const sorted = (object: object) => Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([sorted(rest), signingKeys.map(sorted), sealingKeys.map(sorted)]);
}

function jwksOf(content: Content): string {
  return JSON.stringify(toJwks({ ...content, iat: 0, exp: 0, sequence: 1 }));
}

/** The root key's signer. */
export function rootSigner(
  deps: Pick<TpsDeps, "masterVault">,
  keys: readonly StoredKey[],
): NodeSigner {
  const root = keys.find((key) => key.purpose === "root");
  if (root === undefined) {
    throw new OperatorError("not-initialised", 'There is no root key. Run "chit-tps init".');
  }
  return nodeSigner(openPrivateKey(deps, root));
}
