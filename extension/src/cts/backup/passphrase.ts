/** Passphrases of backups: suggested ones from real randomness, the form in which one is used, and how strong it is. */

/** Crockford's digits: no two that look alike in handwriting. */
const DIGITS = "0123456789abcdefghjkmnpqrstvwxyz";
const GROUPS = 5;
const GROUP_DIGITS = 4;
const SUGGESTED = GROUPS * GROUP_DIGITS;

/** Fewest characters of a passphrase of one's own. Below that the file could be opened by trying. */
const PASSPHRASE_LEAST = 12;
/** Most: whoever pastes more has pasted something else. */
export const PASSPHRASE_MOST = 200;

/** A new passphrase of 100 random bits, in groups that can be written down: `k7mq-2xvd-0n4t-c9pw-e3hs`. */
export function suggestPassphrase(randomBytes: (length: number) => Uint8Array): string {
  // 256 is a multiple of 32: every digit is as likely as any other.
  const digits = Array.from(randomBytes(SUGGESTED), (byte) => DIGITS[byte % DIGITS.length]);
  return inGroups(digits.join(""));
}

/**
 * The form in which a passphrase is used, when the backup is made as when it is read. A suggested one may be typed in
 * capitals, without hyphens or with O for 0; of others white space around and between words is evened out.
 */
export function canonicalPassphrase(text: string): string {
  const plain = text.normalize("NFKC").trim().replace(/\s+/gu, " ");
  const digits = plain.toLowerCase().replace(/[ -]/g, "").replace(/o/g, "0").replace(/[il]/g, "1");
  const suggested = digits.length === SUGGESTED && [...digits].every((one) => DIGITS.includes(one));
  return suggested && isGrouped(plain) ? inGroups(digits) : plain;
}

function inGroups(digits: string): string {
  const groups = Array.from({ length: GROUPS }, (_, index) =>
    digits.slice(index * GROUP_DIGITS, (index + 1) * GROUP_DIGITS),
  );
  return groups.join("-");
}

/** In the groups of a suggested passphrase, or in one piece: words of one's own are left as they are. */
function isGrouped(text: string): boolean {
  return /^[0-9A-Za-z]{20}$/.test(text) || /^([0-9A-Za-z]{4}[ -]+){4}[0-9A-Za-z]{4}$/.test(text);
}

export type Strength = "too-short" | "weak" | "fair" | "strong";

/**
 * A plain measure of a passphrase: it counts, and knows no dictionary. So nothing below four words' length is called
 * strong, and repetition counts little.
 */
export function strengthOf(text: string): Strength {
  const used = canonicalPassphrase(text);
  if ([...used].length < PASSPHRASE_LEAST) return "too-short";
  if (isGrouped(used) && used.includes("-")) return "strong";
  // "aaaaaaaaaaaa", "abababab…", "1234 1234 …": few different pairs of neighbours.
  const pairs = new Set(
    Array.from(used.toLowerCase()).map((one, at, all) => one + (all[at + 1] ?? "")),
  );
  if (pairs.size < PASSPHRASE_LEAST - 2) return "weak";
  if (/^[0-9 .-]+$/.test(used)) return used.length >= 24 ? "fair" : "weak";
  if (pairs.size >= 20) return "strong";
  return pairs.size >= 15 ? "fair" : "weak";
}
