/**
 * Amounts: whole numbers of a currency's smallest unit as bigint, decimal strings on the wire, never floats.
 * `scale` is the number of decimals of the smallest unit (4: 1 EUR = 10,000 units).
 */
import { ChitError } from "./errors.ts";
import { LIMITS } from "./limits.ts";

const WIRE_AMOUNT = /^(0|-?[1-9][0-9]{0,18})$/;
const DECIMAL = /^(-?)([0-9]{1,19})(?:\.([0-9]{1,8}))?$/;

/**
 * Reads an amount of smallest units as it travels: `"12345"`. No plus sign, no leading zeros, no `"-0"`.
 *
 * @throws {ChitError} `amount-invalid`
 */
export function parseAmount(text: string): bigint {
  const amount = WIRE_AMOUNT.test(text) ? BigInt(text) : undefined;
  if (amount === undefined || amount > LIMITS.amount || amount < -LIMITS.amount) {
    throw new ChitError(
      "amount-invalid",
      `"${text.slice(0, 40)}" is not a whole number of smallest units within ±${LIMITS.amount}.`,
    );
  }
  return amount;
}

/** An amount as it travels. */
export function amountToWire(amount: bigint): string {
  return amount.toString(10);
}

/**
 * Reads what a person or a merchant's program writes: `"12.5"` at scale 4 is `125000n`.
 *
 * @throws {ChitError} `amount-invalid` when it is no decimal number, has more decimals than `scale`, or is
 * out of range. Nothing is ever rounded.
 */
export function parseDecimal(text: string, scale: number): bigint {
  const match = DECIMAL.exec(text);
  const fraction = match?.[3] ?? "";
  if (match === null || fraction.length > scale) {
    throw new ChitError(
      "amount-invalid",
      `"${text.slice(0, 40)}" is not a decimal number with at most ${scale} decimals (write 12.50, not 12,50).`,
    );
  }
  const units = BigInt(`${match[2]}${fraction.padEnd(scale, "0")}`);
  return parseAmount((match[1] === "-" ? -units : units).toString());
}

/**
 * The exact decimal text of an amount: `125000n` at scale 4 is `"12.50"`. At least `leastDecimals`
 * decimals (2 unless told, never more than `scale`); further ones only where they are not zero. For screens
 * pass the result to `Intl.NumberFormat`, which formats decimal strings exactly.
 */
export function formatDecimal(amount: bigint, scale: number, leastDecimals = 2): string {
  const sign = amount < 0n ? "-" : "";
  const digits = (amount < 0n ? -amount : amount).toString().padStart(scale + 1, "0");
  const whole = digits.slice(0, digits.length - scale);
  const least = Math.min(leastDecimals, scale);
  const fraction = digits
    .slice(digits.length - scale)
    .replace(/0+$/, "")
    .padEnd(least, "0");
  return fraction === "" ? `${sign}${whole}` : `${sign}${whole}.${fraction}`;
}
