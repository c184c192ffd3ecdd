/** The merchant's keys and the bundle that the operator gave for them: read, checked, in use. */
import { createPrivateKey, createPublicKey } from "node:crypto";
import { readFileSync } from "node:fs";
import {
  bytes,
  ChitError,
  equalBytes,
  jws,
  type KeyList,
  type MerchantCertificate,
  message,
  type ProtocolCrypto,
  parseValue,
  toBase64url,
  verifyCertificate,
  webOrigin,
} from "@chit/protocol";
import { nodeSigner } from "@chit/protocol/node";
import * as v from "valibot";
import { MerchantError, type MerchantErrorCode } from "./errors.ts";

const keysSchema = message({
  v: v.literal(1),
  /** X25519 private key, 32 bytes: opens session initiations. */
  sealingKey: bytes(32),
  /** Ed25519 private key, 32 bytes: signs refund orders and batches. */
  signingKey: bytes(32),
});

const bundleSchema = message({
  v: v.literal(1),
  issuer: webOrigin,
  /** The issuer's root key, pinned. */
  rootKey: bytes(32),
  certificate: jws,
  keyList: jws,
});

/** What a file is called in a message, and fields that only it has. */
const KEYS = { name: "keys file", fields: ["sealingKey", "signingKey"] } as const;
const BUNDLE = { name: "bundle", fields: ["rootKey", "certificate", "keyList"] } as const;
type FileKind = typeof KEYS | typeof BUNDLE;

/** `chit-merchant-keys.json` */
export type MerchantKeys = v.InferOutput<typeof keysSchema>;
export type MerchantKeysInput = v.InferInput<typeof keysSchema>;
/** `chit-merchant-bundle.json` */
export type MerchantBundle = v.InferOutput<typeof bundleSchema>;
export type MerchantBundleInput = v.InferInput<typeof bundleSchema>;

/**
 * The keys, from a file's path or from the object that it holds.
 *
 * @throws {MerchantError} `keys-unreadable`
 */
export function readKeys(keys: string | MerchantKeysInput): MerchantKeys {
  return read(
    keysSchema,
    keys,
    KEYS,
    "keys-unreadable",
    "Make them with `chit-merchant apply`, and keep the file readable for the shop's user alone.",
  );
}

/**
 * The bundle, from a file's path or from the object that it holds; nothing is verified yet.
 *
 * @throws {MerchantError} `bundle-unreadable`
 */
export function readBundle(bundle: string | MerchantBundleInput): MerchantBundle {
  return read(
    bundleSchema,
    bundle,
    BUNDLE,
    "bundle-unreadable",
    "The operator gives it when the application is approved; fetch it with `chit-merchant fetch`.",
  );
}

function read<S extends v.GenericSchema>(
  schema: S,
  source: unknown,
  kind: FileKind,
  code: MerchantErrorCode,
  advice: string,
): v.InferOutput<S> {
  const what = typeof source === "string" ? `The file ${source}` : "The object given";
  try {
    const value = typeof source === "string" ? JSON.parse(readFileSync(source, "utf8")) : source;
    expectKind(value, kind);
    return parseValue(schema, value);
  } catch (cause) {
    // A parser's message quotes the text that it stumbled over, which may be a key.
    const problem =
      cause instanceof SyntaxError
        ? "it is not JSON"
        : cause instanceof Error
          ? cause.message
          : String(cause);
    const sentence = /[.?]$/.test(problem) ? problem : `${problem}.`;
    throw new MerchantError(code, `${what} cannot be used: ${sentence} ${advice}`);
  }
}

/** Tells another file by its fields, before a schema stumbles over the first of them. */
function expectKind(value: unknown, kind: FileKind): void {
  const has = ({ fields }: FileKind) =>
    typeof value === "object" &&
    value !== null &&
    fields.some((field) => Object.hasOwn(value, field));
  if (has(kind)) return;
  const other = kind === KEYS ? BUNDLE : KEYS;
  throw new ChitError(
    "malformed-message",
    `this is not a ${kind.name}${has(other) ? `; is it the ${other.name}?` : ""}`,
  );
}

/** The public half of an X25519 private key. */
export function sealingPublicKey(privateKey: Uint8Array): Uint8Array {
  const pkcs8 = Buffer.concat([Buffer.from("302e020100300506032b656e04220420", "hex"), privateKey]);
  const key = createPublicKey(createPrivateKey({ key: pkcs8, format: "der", type: "pkcs8" }));
  return new Uint8Array(key.export({ format: "der", type: "spki" }).subarray(-32));
}

/**
 * Verifies that a certificate is the issuer's, in force at `now`, and for these keys.
 *
 * @throws {MerchantError} `certificate-expired`, `certificate-not-yet-valid`, `keys-mismatch`, `bundle-unreadable`
 */
export function checkCertificate(
  crypto: Pick<ProtocolCrypto, "verifyEd25519">,
  keys: MerchantKeys,
  document: string,
  list: KeyList,
  now: number,
): MerchantCertificate {
  const certificate = verifyOwn(crypto, document, list, now);
  const fits =
    equalBytes(certificate.sealingKey, sealingPublicKey(keys.sealingKey)) &&
    equalBytes(certificate.signingKey, nodeSigner(keys.signingKey).publicKey);
  if (!fits) {
    throw new MerchantError(
      "keys-mismatch",
      `The certificate of "${certificate.name}" is for other keys (${toBase64url(certificate.sealingKey)}) than the keys file holds. Take the keys file that was made with this application.`,
    );
  }
  return certificate;
}

function verifyOwn(
  crypto: Pick<ProtocolCrypto, "verifyEd25519">,
  document: string,
  list: KeyList,
  now: number,
): MerchantCertificate {
  try {
    return verifyCertificate(crypto, list, document, now);
  } catch (cause) {
    if (!(cause instanceof ChitError)) throw cause;
    switch (cause.code) {
      case "expired":
        throw new MerchantError(
          "certificate-expired",
          `${cause.message} Ask the operator of ${list.iss} to renew it, and put the new bundle in place. If it should be valid, check this computer's clock.`,
          { cause },
        );
      case "not-yet-valid":
        throw new MerchantError(
          "certificate-not-yet-valid",
          `${cause.message} This computer's clock is probably slow.`,
          { cause },
        );
      default:
        throw new MerchantError(
          "bundle-unreadable",
          `The bundle's certificate does not verify: ${cause.message} Fetch the bundle again.`,
          { cause },
        );
    }
  }
}
