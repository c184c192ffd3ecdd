// PROTOCOL.md, section 5: signed documents.
import { demand, fail, fromBase64url, parseCompactJson, utf8 } from "./bytes.mjs";
import { ed25519Verify, keyId } from "./crypto.mjs";
import * as schema from "./schema.mjs";

export const SKEW = 300;

/** How long a certificate may live: 400 days. */
export const MOST_CERTIFICATE_SECONDS = 34_560_000;
/** @type {Record<string, number>} */
const BOUND = {
  "chit-key-list+jwt": 65536,
  "chit-batch+jwt": 1048576,
  "chit-batch-result+jwt": 131072,
  "chit-settlement-report+jwt": 131072,
  "chit-account-statement+jwt": 655360,
  "chit-merchant-statement+jwt": 393216,
};
const TYPES = [
  "chit-key-list+jwt",
  "chit-merchant-certificate+jwt",
  "chit-merchant-application+jwt",
  "chit-proof-of-payment+jwt",
  "chit-denial-of-payment+jwt",
  "chit-refund-order+jwt",
  "chit-batch+jwt",
  "chit-batch-result+jwt",
  "chit-settlement-report+jwt",
  "chit-merchant-request+jwt",
  "chit-account-statement+jwt",
  "chit-merchant-statement+jwt",
];

/**
 * @param {string} text
 * @param {string} typ
 * @param {schema.Type} payloadSchema
 * @param {(kid: string) => Uint8Array | undefined} keyOf
 */
export function verifyDocument(text, typ, payloadSchema, keyOf) {
  const bound = BOUND[typ] ?? 16384;
  demand(typeof text === "string" && text.length <= bound, `longer than ${bound} characters`);
  const parts = text.split(".");
  demand(parts.length === 3, "not three parts");
  const header = parseCompactJson(fromBase64url(parts[0]), bound);
  schema.jwsHeader(header, "header");
  demand(TYPES.includes(header.typ), `typ "${header.typ}" is unknown`);
  demand(header.typ === typ, `typ is ${header.typ}`);
  const payload = parseCompactJson(fromBase64url(parts[1]), bound);
  payloadSchema(payload, "payload");
  const key = keyOf(header.kid) ?? fail("signed by an unexpected key");
  const signature = fromBase64url(parts[2], 64);
  demand(
    ed25519Verify(key, utf8(`${parts[0]}.${parts[1]}`), signature),
    "the signature does not verify",
  );
  return { payload, kid: header.kid };
}

/**
 * @param {string} text
 * @param {Uint8Array} root
 * @param {number} now
 */
export function verifyKeyList(text, root, now) {
  const rootId = keyId("Ed25519", root);
  const { payload } = verifyDocument(text, "chit-key-list+jwt", schema.keyList, (kid) =>
    kid === rootId ? root : undefined,
  );
  demand(payload.iat <= now + SKEW, "the key list is not yet valid");
  demand(payload.exp >= now - SKEW, "the key list has expired");
  for (const [curve, keys] of /** @type {const} */ ([
    ["Ed25519", payload.signingKeys],
    ["X25519", payload.sealingKeys],
  ])) {
    for (const { kid, publicKey } of keys) {
      demand(kid === keyId(curve, fromBase64url(publicKey)), `${kid} is not its key's thumbprint`);
    }
  }
  return payload;
}

/**
 * Certificate or proof: signed by a key of the list, of the same issuer, made while that key was in force.
 * @param {string} text
 * @param {string} typ
 * @param {schema.Type} payloadSchema
 * @param {any} list
 */
export function verifyIssued(text, typ, payloadSchema, list) {
  const find = (/** @type {string} */ kid) =>
    list.signingKeys.find((/** @type {any} */ key) => key.kid === kid);
  const { payload, kid } = verifyDocument(text, typ, payloadSchema, (id) => {
    const key = find(id);
    return key && fromBase64url(key.publicKey);
  });
  demand(payload.iss === list.iss, "another issuer");
  const { notBefore, notAfter } = find(kid);
  demand(
    payload.iat >= notBefore - SKEW && payload.iat <= notAfter + SKEW,
    "made outside of its signing key's time",
  );
  return payload;
}
