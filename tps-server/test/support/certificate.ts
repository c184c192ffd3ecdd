/** A further certificate of a merchant, as a renewal makes it. */
import { createCertificate, decodeCertificate, toBase64url } from "@chit/protocol";
import type { NodeSigner } from "@chit/protocol/node";
import { id, SHOP, type World } from "./world.ts";

/** Certifies another signing key; the rest is as in the world's bundle. @returns its serial number */
export async function certifyAgain(
  world: World,
  merchantId: string,
  signer: NodeSigner,
): Promise<string> {
  const { issuer, signer: issuing } = world.deps.keyRings.current();
  const { sealingKey, suite } = decodeCertificate(world.bundle.certificate);
  const serial = id();
  const expiresAt = world.now + 86_400;
  const document = await createCertificate(issuing(world.now), {
    v: 1,
    iss: issuer.origin,
    jti: serial,
    iat: world.now,
    nbf: world.now,
    exp: expiresAt,
    merchantId,
    name: "Paper & Ink",
    origins: [SHOP],
    suite,
    sealingKey: toBase64url(sealingKey),
    signingKey: toBase64url(signer.publicKey),
    currency: issuer.currency,
    scale: issuer.scale,
  });
  await world.database.query(
    `insert into certificates (serial, merchant_id, document, issued_at, not_before, expires_at)
     values ($1, $2, $3, $4, $4, $5)`,
    [serial, merchantId, document, world.now, expiresAt],
  );
  return serial;
}
