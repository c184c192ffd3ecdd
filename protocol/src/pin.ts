/**
 * The PIN and its modifier (paper, section 4): modified PIN = PIN + modifier mod 2^256. Every authenticated
 * transaction adds a component of the CTS and one of the TPS to the modifier; a new PIN resets it to 0.
 */
import { equalBytes, uint64 } from "./bytes.ts";
import { ChitError } from "./errors.ts";
import { LABELS } from "./labels.ts";
import { LIMITS } from "./limits.ts";
import { labelledMac } from "./transcript.ts";

const MODULUS = 1n << 256n;

/** Bytes of a modifier, of one of its components, and of a modified PIN. */
export const MODIFIER_BYTES = 32;

/** The modifier that a new PIN starts with, on both sides. */
export const INITIAL_MODIFIER: Uint8Array = new Uint8Array(MODIFIER_BYTES);

/** Whether `pin` has the form of a PIN: 6 to 12 digits. */
export function isPin(pin: string): boolean {
  return (
    /^[0-9]+$/.test(pin) &&
    pin.length >= LIMITS.pinDigitsLeast &&
    pin.length <= LIMITS.pinDigitsMost
  );
}

/**
 * PIN + modifier mod 2^256, 32 bytes big-endian: the key of the PIN tag. Never stored by the wallet.
 *
 * @throws {ChitError} `pin-invalid`
 */
export function modifyPin(pin: string, modifier: Uint8Array): Uint8Array {
  if (!isPin(pin)) {
    throw new ChitError(
      "pin-invalid",
      `A PIN has ${LIMITS.pinDigitsLeast} to ${LIMITS.pinDigitsMost} digits.`,
    );
  }
  return fromInteger(BigInt(pin) + toInteger(modifier));
}

/** Adds components to a modifier, or to a modified PIN, mod 2^256. */
export function addModifiers(base: Uint8Array, ...components: Uint8Array[]): Uint8Array {
  return fromInteger(components.reduce((sum, part) => sum + toInteger(part), toInteger(base)));
}

/** What the PIN tag authenticates: the device, its place in the sequence, and the whole request. */
export interface PinTagInput {
  /** 32 bytes exported from the request's HPKE context: without it no tag tests a guessed PIN. */
  readonly binding: Uint8Array;
  readonly accountId: string;
  readonly deviceId: string;
  readonly count: number;
  readonly pinGeneration: number;
  /** The CTS's component, 32 bytes. */
  readonly component: Uint8Array;
  /** The exact bytes of the request's plaintext part. */
  readonly plain: Uint8Array;
}

/** The PIN tag of step 5: HMAC-SHA256 under the modified PIN. 32 bytes. */
export function createPinTag(modifiedPin: Uint8Array, input: PinTagInput): Uint8Array {
  return labelledMac(
    modifiedPin,
    LABELS.pinTag,
    input.binding,
    input.accountId,
    input.deviceId,
    uint64(input.count),
    uint64(input.pinGeneration),
    input.component,
    input.plain,
  );
}

/** Whether `tag` was made under `modifiedPin`; in constant time. */
export function verifyPinTag(
  tag: Uint8Array,
  modifiedPin: Uint8Array,
  input: PinTagInput,
): boolean {
  return equalBytes(tag, createPinTag(modifiedPin, input));
}

function toInteger(bytes: Uint8Array): bigint {
  if (bytes.length !== MODIFIER_BYTES) {
    throw new ChitError("malformed-message", `A PIN modifier has ${MODIFIER_BYTES} bytes.`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let value = 0n;
  for (let offset = 0; offset < MODIFIER_BYTES; offset += 8) {
    value = (value << 64n) | view.getBigUint64(offset);
  }
  return value;
}

function fromInteger(value: bigint): Uint8Array {
  const bytes = new Uint8Array(MODIFIER_BYTES);
  const view = new DataView(bytes.buffer);
  let rest = value % MODULUS;
  for (let offset = MODIFIER_BYTES - 8; offset >= 0; offset -= 8) {
    view.setBigUint64(offset, rest & 0xffff_ffff_ffff_ffffn);
    rest >>= 64n;
  }
  return bytes;
}
