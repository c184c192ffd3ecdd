/**
 * Signatures that verified once need not be computed again: a purchase comes back to the same certificate and the same
 * key list several times, and each computation takes milliseconds in which the shopper waits.
 */
import { equalBytes, type ProtocolCrypto } from "@chit/protocol";
import { WALLET_LIMITS } from "./limits.ts";

type Verification = Parameters<ProtocolCrypto["verifyEd25519"]>;

/**
 * The same cryptography, which remembers in memory what verified lately: key, message and signature, every byte of them.
 * What failed is computed again each time. Dates, sequences and origins are none of this: callers check them as before.
 */
export function rememberingVerified(crypto: ProtocolCrypto): ProtocolCrypto {
  /** The latest last. */
  let verified: Verification[] = [];

  return {
    ...crypto,
    verifyEd25519(...asked) {
      const known = verified.find((one) => isSame(one, asked));
      if (known === undefined && !crypto.verifyEd25519(...asked)) return false;
      const kept: Verification = known ?? [asked[0].slice(), asked[1].slice(), asked[2].slice()];
      verified = [...verified.filter((one) => one !== known), kept].slice(
        -WALLET_LIMITS.verifiedSignatures,
      );
      return true;
    },
  };
}

function isSame(one: Verification, other: Verification): boolean {
  return one.every((bytes, index) => equalBytes(bytes, other[index] ?? new Uint8Array()));
}
