/** An issuer's keys and the files of a merchant that it certified: what a sale needs of the payment server. */
import { randomBytes } from "node:crypto";
import type { MerchantBundleInput, MerchantKeysInput } from "@chit/merchant";
import {
  createCertificate,
  createKeyList,
  createVerdict,
  type KeyList,
  type PaymentOrder,
  SUITE,
  toBase64url,
  verifyKeyList,
} from "@chit/protocol";
import { nodeCrypto, nodeOpeningKey, nodeSigner } from "@chit/protocol/node";
import { systemPlatform } from "@chit/tps-server";

const ISSUER = "http://tps.localhost:8420";
const DAY = 86_400;
const MONEY = { currency: "EUR", scale: 4 } as const;

const random = (length: number) => Uint8Array.from(randomBytes(length));
const newId = () => toBase64url(random(16));
/** The protocol's cryptography with the system's randomness. */
export const crypto = nodeCrypto(random);

/** A certified merchant and who certified it. */
export interface Market {
  readonly list: KeyList;
  readonly keys: MerchantKeysInput;
  readonly bundle: MerchantBundleInput;
  /** Steps 5 and 6 as the payment server ends them: a proof-of-payment. */
  prove(order: Omit<PaymentOrder, "issuer">): Promise<string>;
}

/** Makes an issuer, and certifies a merchant for one origin. */
export async function openMarket(origin: string): Promise<Market> {
  const now = systemPlatform.nowSeconds();
  const [root, signer] = [nodeSigner(random(32)), nodeSigner(random(32))];
  const [sealing, own] = [random(32), random(32)];
  const valid = { notBefore: now - DAY, notAfter: now + DAY };
  const tpsKey = await nodeOpeningKey(crypto, random(32));
  const { kid, publicKey } = signer;
  const keyList = await createKeyList(root, {
    v: 1,
    iss: ISSUER,
    iat: now,
    exp: now + DAY,
    sequence: 1,
    operator: "Benchmark",
    telephone: "+49 30 123456",
    ...MONEY,
    signingKeys: [{ kid, publicKey: toBase64url(publicKey), ...valid }],
    sealingKeys: [
      { kid: tpsKey.keyId, suite: SUITE, publicKey: toBase64url(tpsKey.publicRaw), ...valid },
    ],
  });
  const certificate = await createCertificate(signer, {
    v: 1,
    iss: ISSUER,
    jti: newId(),
    iat: now,
    nbf: now,
    exp: now + DAY,
    merchantId: newId(),
    name: "Benchmark",
    origins: [origin],
    suite: SUITE,
    sealingKey: toBase64url((await nodeOpeningKey(crypto, sealing)).publicRaw),
    signingKey: toBase64url(nodeSigner(own).publicKey),
    ...MONEY,
  });
  return {
    list: verifyKeyList(crypto, root.publicKey, keyList, now),
    keys: { v: 1, sealingKey: toBase64url(sealing), signingKey: toBase64url(own) },
    bundle: { v: 1, issuer: ISSUER, rootKey: toBase64url(root.publicKey), certificate, keyList },
    prove: (order) =>
      createVerdict(
        signer,
        "proof",
        { ...order, issuer: ISSUER },
        newId(),
        systemPlatform.nowSeconds(),
      ),
  };
}
