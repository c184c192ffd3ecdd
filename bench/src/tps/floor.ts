/** The cryptographic floor of a payment at the TPS: one X25519 agreement and one Ed25519 signature, on one core. */
import { diffieHellman, generateKeyPairSync, sign } from "node:crypto";

const PAYMENTS_AT_A_TIME = 50;

/** Floors a second, measured for `seconds`. */
export function cryptographicFloor(seconds: number): number {
  const ours = generateKeyPairSync("x25519");
  const theirs = generateKeyPairSync("x25519");
  const signer = generateKeyPairSync("ed25519");
  const message = Buffer.alloc(400, 1);
  const startedAt = performance.now();
  let done = 0;
  let passed = 0;
  while (passed < seconds * 1_000) {
    for (let i = 0; i < PAYMENTS_AT_A_TIME; i++) {
      diffieHellman({ privateKey: ours.privateKey, publicKey: theirs.publicKey });
      sign(null, message, signer.privateKey);
    }
    done += PAYMENTS_AT_A_TIME;
    passed = performance.now() - startedAt;
  }
  return (done * 1_000) / passed;
}
