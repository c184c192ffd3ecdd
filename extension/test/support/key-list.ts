/** The key list of the tests' TPS, as its keys are now. */
import { createKeyList, type Signer, SUITE, toBase64url } from "@chit/protocol";
import type { NodeOpeningKey } from "@chit/protocol/node";

const YEAR = 31_536_000;

interface Keys {
  readonly server: { readonly origin: string };
  readonly root: Signer;
  readonly signer: Signer & { readonly publicKey: Uint8Array };
  readonly sealing: NodeOpeningKey;
  readonly sequence: number;
}

export function keyListOf(tps: Keys, now: number): Promise<string> {
  const validity = { notBefore: now - YEAR, notAfter: now + YEAR };
  const { signer, sealing } = tps;
  return createKeyList(tps.root, {
    v: 1,
    iss: tps.server.origin,
    iat: now - 100,
    exp: now + YEAR,
    sequence: tps.sequence,
    operator: "Example Pay",
    telephone: "+49 30 123456",
    currency: "EUR",
    scale: 4,
    signingKeys: [{ kid: signer.kid, publicKey: toBase64url(signer.publicKey), ...validity }],
    sealingKeys: [
      {
        kid: sealing.keyId,
        suite: SUITE,
        publicKey: toBase64url(sealing.publicRaw),
        ...validity,
      },
    ],
  });
}
