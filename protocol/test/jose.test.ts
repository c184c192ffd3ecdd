/** A chit needs no code of ours: `jose` verifies every signed document, and what it signs is read here. */
import {
  createVerdict,
  DOCUMENT_TYPES,
  fromBase64url,
  fromUtf8,
  type KeyListInput,
  toBase64url,
  toJwks,
  utf8,
  type Verdict,
  verifyKeyList,
  verifyVerdict,
} from "@chit/protocol";
import {
  CompactSign,
  calculateJwkThumbprint,
  compactVerify,
  createLocalJWKSet,
  errors,
  importJWK,
  jwtVerify,
} from "jose";
import { beforeAll, describe, expect, test } from "vitest";
import { createWorld, ISSUER, NOW, seededBytes, type World } from "./fixture.ts";

const SEED = "jose";
const currentDate = new Date(NOW * 1_000);
let world: World;
let jwks: ReturnType<typeof createLocalJWKSet>;
let documents: Record<Verdict, string>;

const subject = () => ({ ...world.quoteInput, amount: 135_000n, quoteHash: new Uint8Array(32) });
const payloadOf = (document: string) => fromBase64url(document.split(".")[1] as string);

beforeAll(async () => {
  world = await createWorld(SEED);
  const input = JSON.parse(fromUtf8(payloadOf(world.keyListDocument))) as KeyListInput;
  jwks = createLocalJWKSet(toJwks(input) as Parameters<typeof createLocalJWKSet>[0]);
  const order = { ...subject(), issuer: ISSUER };
  documents = {
    proof: await createVerdict(world.tpsSigner, "proof", order, world.id(), NOW),
    denial: await createVerdict(world.tpsSigner, "denial", order, world.id(), NOW),
  };
});

/** The TPS's private signing key, for jose: the second 32 bytes that the world draws. */
async function tpsPrivateKey() {
  const draw = seededBytes(SEED);
  draw(32);
  const d = toBase64url(draw(32));
  const x = toBase64url(world.tpsSigner.publicKey);
  return importJWK({ kty: "OKP", crv: "Ed25519", d, x }, "EdDSA");
}

describe("jose verifies", () => {
  test.each(["proof", "denial"] as const)("a %s, with the JWKS", async (verdict) => {
    const { payload, protectedHeader } = await jwtVerify(documents[verdict], jwks, {
      issuer: ISSUER,
      typ: DOCUMENT_TYPES[verdict],
      algorithms: ["EdDSA"],
      currentDate,
    });
    expect(payload).toMatchObject({ iss: ISSUER, amount: "135000", iat: NOW });
    expect(protectedHeader.kid).toBe(world.tpsSigner.kid);
  });

  test("a certificate, with its times", async () => {
    const options = { issuer: ISSUER, typ: DOCUMENT_TYPES.certificate, currentDate };
    const { payload } = await jwtVerify(world.certificate, jwks, options);
    expect(payload).toMatchObject({ name: "Paper & Ink", origins: ["https://shop.example"] });
    const later = { ...options, currentDate: new Date((NOW + 40_000_000) * 1_000) };
    await expect(jwtVerify(world.certificate, jwks, later)).rejects.toThrow(errors.JWTExpired);
  });

  test("the key list, with the root key alone", async () => {
    const x = toBase64url(world.root.publicKey);
    const root = await importJWK({ kty: "OKP", crv: "Ed25519", x }, "EdDSA");
    const options = { typ: DOCUMENT_TYPES.keyList, currentDate };
    const { payload } = await jwtVerify(world.keyListDocument, root, options);
    expect(payload).toMatchObject({ iss: ISSUER, sequence: 3 });
    await expect(jwtVerify(world.keyListDocument, jwks, options)).rejects.toThrow(
      errors.JWKSNoMatchingKey,
    );
  });

  test("no denial as a proof, and nothing that was changed", async () => {
    const typ = DOCUMENT_TYPES.proof;
    await expect(jwtVerify(documents.denial, jwks, { typ, currentDate })).rejects.toThrow(
      errors.JWTClaimValidationFailed,
    );
    const [header, , signature] = documents.proof.split(".");
    const other = documents.denial.split(".")[1];
    await expect(compactVerify(`${header}.${other}.${signature}`, jwks)).rejects.toThrow(
      errors.JWSSignatureVerificationFailed,
    );
  });

  test("that a key id is the JWK thumbprint", async () => {
    const x = toBase64url(world.tpsSigner.publicKey);
    expect(await calculateJwkThumbprint({ kty: "OKP", crv: "Ed25519", x })).toBe(
      world.tpsSigner.kid,
    );
    const sealing = { kty: "OKP", crv: "X25519", x: toBase64url(world.tpsKey.publicRaw) };
    expect(await calculateJwkThumbprint(sealing)).toBe(world.tpsKey.keyId);
  });
});

describe("of what jose signs", () => {
  const sign = async (header: Record<string, unknown>, payload: Uint8Array) =>
    new CompactSign(payload)
      .setProtectedHeader({ alg: "EdDSA", ...header })
      .sign(await tpsPrivateKey());
  const verify = (document: string) =>
    verifyVerdict(world.crypto, world.keyList, "proof", document, subject());
  const right = () => ({ typ: DOCUMENT_TYPES.proof, kid: world.tpsSigner.kid });

  test("a proof is a proof, and the very same bytes", async () => {
    const document = await sign(right(), payloadOf(documents.proof));
    expect(document).toBe(documents.proof);
    expect(verify(document).amount).toBe(135_000n);
  });

  test.each([
    ["a plain JWT", { typ: "JWT" }],
    ["a critical extension", { crit: ["b64"], b64: true }],
    ["a header with a field more", { cty: "json" }],
  ])("%s is refused", async (_name, more) => {
    const document = await sign({ ...right(), ...more }, payloadOf(documents.proof));
    expect(() => verify(document)).toThrow(expect.objectContaining({ code: "malformed-message" }));
  });

  test("JSON that is not compact is refused", async () => {
    const claims = JSON.parse(fromUtf8(payloadOf(documents.proof)));
    const document = await sign(right(), utf8(JSON.stringify(claims, null, 1)));
    await compactVerify(document, jwks);
    expect(() => verify(document)).toThrow(expect.objectContaining({ code: "malformed-message" }));
  });

  test("a key list that a mere signing key signed is refused", async () => {
    const header = { typ: DOCUMENT_TYPES.keyList, kid: world.tpsSigner.kid };
    const document = await sign(header, payloadOf(world.keyListDocument));
    expect(() => verifyKeyList(world.crypto, world.root.publicKey, document, NOW)).toThrow(
      expect.objectContaining({ code: "signing-key-unknown" }),
    );
  });
});
