/** Numbers on the command line. */
import { InvalidArgumentError } from "commander";

/**
 * A port, or another number that small.
 *
 * @throws {InvalidArgumentError}
 */
export function wholeNumber(text: string): number {
  const value = /^[0-9]{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value <= 65_535)) throw new InvalidArgumentError("Expected a whole number up to 65535.");
  return value;
}
