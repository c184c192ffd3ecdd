/** A small world of keys and documents, the same again for the same seed. */
import { createHash } from "node:crypto";
import {
  createCertificate,
  createKeyList,
  createQuote,
  type KeyList,
  type ProtocolCrypto,
  QUOTE_SALT_BYTES,
  type QuoteInput,
  SUITE,
  toBase64url,
  verifyKeyList,
} from "@chit/protocol";
import {
  type NodeOpeningKey,
  type NodeSigner,
  nodeCrypto,
  nodeOpeningKey,
  nodeSigner,
} from "@chit/protocol/node";

/** A stream of bytes that a seed determines. */
export function seededBytes(seed: string): (length: number) => Uint8Array {
  let counter = 0;
  return (length) => {
    const bytes = new Uint8Array(length);
    for (let offset = 0; offset < length; offset += 32) {
      const block = createHash("sha256").update(`${seed}/${counter++}`).digest();
      bytes.set(block.subarray(0, Math.min(32, length - offset)), offset);
    }
    return bytes;
  };
}

export const NOW = 1_800_000_000;
export const ISSUER = "https://tps.example";
export const SHOP = "https://shop.example";

/** Everything that exists before the first purchase. */
export interface World {
  readonly crypto: ProtocolCrypto;
  readonly random: (length: number) => Uint8Array;
  readonly id: () => string;
  readonly root: NodeSigner;
  readonly tpsSigner: NodeSigner;
  readonly tpsKey: NodeOpeningKey;
  readonly merchantKey: NodeOpeningKey;
  readonly merchantSigner: NodeSigner;
  readonly device: NodeSigner;
  readonly merchantId: string;
  readonly certificate: string;
  readonly keyListDocument: string;
  readonly keyList: KeyList;
  readonly quoteInput: QuoteInput;
  readonly quoteBody: Uint8Array;
}

export async function createWorld(seed: string): Promise<World> {
  const random = seededBytes(seed);
  const crypto = nodeCrypto(random);
  const id = () => toBase64url(random(16));
  const root = nodeSigner(random(32));
  const tpsSigner = nodeSigner(random(32));
  const tpsKey = await nodeOpeningKey(crypto, random(32));
  const merchantKey = await nodeOpeningKey(crypto, random(32));
  const merchantSigner = nodeSigner(random(32));
  const device = nodeSigner(random(32));
  const year = 31_536_000;
  const keyListDocument = await createKeyList(root, {
    v: 1,
    iss: ISSUER,
    iat: NOW - 100,
    exp: NOW + year,
    sequence: 3,
    operator: "Example Pay",
    telephone: "+49 30 123456",
    currency: "EUR",
    scale: 4,
    signingKeys: [
      {
        kid: tpsSigner.kid,
        publicKey: toBase64url(tpsSigner.publicKey),
        notBefore: NOW - year,
        notAfter: NOW + year,
      },
    ],
    sealingKeys: [
      {
        kid: tpsKey.keyId,
        suite: SUITE,
        publicKey: toBase64url(tpsKey.publicRaw),
        notBefore: NOW - year,
        notAfter: NOW + year,
      },
    ],
  });
  const merchantId = id();
  const certificate = await createCertificate(tpsSigner, {
    v: 1,
    iss: ISSUER,
    jti: id(),
    iat: NOW - 1_000,
    nbf: NOW - 1_000,
    exp: NOW + year,
    merchantId,
    name: "Paper & Ink",
    origins: [SHOP],
    suite: SUITE,
    sealingKey: toBase64url(merchantKey.publicRaw),
    signingKey: toBase64url(merchantSigner.publicKey),
    currency: "EUR",
    scale: 4,
  });
  const quoteInput: QuoteInput = {
    v: 1,
    type: "quote",
    merchantId,
    transactionNumber: id(),
    salt: toBase64url(seededBytes(`${seed}/salt of the quote`)(QUOTE_SALT_BYTES)),
    amount: "135000",
    currency: "EUR",
    scale: 4,
    lines: [
      { description: "Mug “Kravitz”", quantity: 1, amount: "145000" },
      { description: "Discount", quantity: 1, amount: "-10000" },
    ],
    kind: "mixed",
    addressRequired: true,
    loyalty: true,
    issuedAt: NOW,
    expiresAt: NOW + 900,
    issuers: [ISSUER],
    certificate,
    sessionUrl: `${SHOP}/chit/session`,
    proofUrl: `${SHOP}/chit/proof`,
    recoveryUrl: `${SHOP}/chit/recovery`,
  };
  return {
    crypto,
    random,
    id,
    root,
    tpsSigner,
    tpsKey,
    merchantKey,
    merchantSigner,
    device,
    merchantId,
    certificate,
    keyListDocument,
    keyList: verifyKeyList(crypto, root.publicKey, keyListDocument, NOW),
    quoteInput,
    quoteBody: createQuote(quoteInput),
  };
}
