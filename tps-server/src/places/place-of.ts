/**
 * In which place an account is: PostgreSQL's own hash partitioning (`partition by hash (account_id)`), computed here, so
 * that a payment goes straight to the server that holds its account. Bob Jenkins' lookup3 with PostgreSQL's seed
 * (`hash_bytes_extended` in src/common/hashfn.c, `HASH_PARTITION_SEED` in partition.h); a test compares it with
 * PostgreSQL's own.
 */

/** The two halves of HASH_PARTITION_SEED, 0x7A5B22367996DCFD. */
const SEED_HIGH = 0x7a5b2236;
const SEED_LOW = 0x7996dcfd;
/** What `hash_combine64` adds to the hash of a key's first column. */
const COMBINE = 0x49a0f4dd15e5a8e3n;
const BLOCK = 12;

type Registers = [a: number, b: number, c: number];
const rotate = (value: number, bits: number): number => (value << bits) | (value >>> (32 - bits));

/** The remainder of the hash of an account id: PostgreSQL's partition `with (modulus <places>, remainder …)`. */
export function placeOf(accountId: string, places: number): number {
  const hash = hashExtended(Buffer.from(accountId, "utf8"));
  return Number(BigInt.asUintN(64, hash + COMBINE) % BigInt(places));
}

function hashExtended(bytes: Buffer): bigint {
  const start = 0x9e3779b9 + bytes.length + 3923095;
  let state: Registers = mix([(start + SEED_HIGH) | 0, (start + SEED_LOW) | 0, start | 0]);
  let at = 0;
  for (; bytes.length - at >= BLOCK; at += BLOCK) {
    const [a, b, c] = state;
    state = mix([
      (a + bytes.readInt32LE(at)) | 0,
      (b + bytes.readInt32LE(at + 4)) | 0,
      (c + bytes.readInt32LE(at + 8)) | 0,
    ]);
  }
  // The rest: eleven bytes at most; the lowest byte of c is reserved for the length, which is in `start` already.
  const rest = Buffer.alloc(BLOCK);
  bytes.copy(rest, 0, at, Math.min(at + 8, bytes.length));
  if (bytes.length > at + 8) bytes.copy(rest, 9, at + 8);
  const [, high, low] = finish([
    (state[0] + rest.readInt32LE(0)) | 0,
    (state[1] + rest.readInt32LE(4)) | 0,
    (state[2] + rest.readInt32LE(8)) | 0,
  ]);
  return (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
}

/** Reversible mixing of three words. */
function mix([a, b, c]: Registers): Registers {
  a = (a - c) ^ rotate(c, 4);
  c = (c + b) | 0;
  b = (b - a) ^ rotate(a, 6);
  a = (a + c) | 0;
  c = (c - b) ^ rotate(b, 8);
  b = (b + a) | 0;
  a = (a - c) ^ rotate(c, 16);
  c = (c + b) | 0;
  b = (b - a) ^ rotate(a, 19);
  a = (a + c) | 0;
  c = (c - b) ^ rotate(b, 4);
  b = (b + a) | 0;
  return [a, b, c];
}

/** Final mixing of three words into c (and b). */
function finish([a, b, c]: Registers): Registers {
  c = ((c ^ b) - rotate(b, 14)) | 0;
  a = ((a ^ c) - rotate(c, 11)) | 0;
  b = ((b ^ a) - rotate(a, 25)) | 0;
  c = ((c ^ b) - rotate(b, 16)) | 0;
  a = ((a ^ c) - rotate(c, 4)) | 0;
  b = ((b ^ a) - rotate(a, 14)) | 0;
  c = ((c ^ b) - rotate(b, 24)) | 0;
  return [a, b, c];
}
