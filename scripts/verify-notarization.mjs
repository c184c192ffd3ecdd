#!/usr/bin/env node
// Checks a notarized payment off line: a second implementation, written from docs/PROTOCOL.md and the specifications
// that it names. It imports nothing but Node (20 or later), and no line of this repository outside of
// scripts/verify-purchase.
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { Failure, fromBase64url } from "./verify-purchase/bytes.mjs";
import { verifyNotarization } from "./verify-purchase/log.mjs";

const USAGE = `Usage: node scripts/verify-notarization.mjs --root-key <43 characters> <payment.tlog-proof>

Exit code: 0 the file proves the payment; 1 it does not; 2 there is nothing to check (arguments, file).`;

/**
 * @param {string} why
 * @returns {never}
 */
function giveUp(why) {
  console.error(`${why}\n\n${USAGE}`);
  process.exit(2);
}

function readInput() {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: { "root-key": { type: "string" } },
    });
    const [path = ""] = positionals;
    const root = fromBase64url(values["root-key"], 32);
    return { root, text: readFileSync(path, "utf8") };
  } catch (error) {
    return giveUp(error instanceof Error ? error.message : String(error));
  }
}

/** @param {number} seconds */
const moment = (seconds) => new Date(seconds * 1000).toISOString();

const { root, text } = readInput();
try {
  const { payment, certificate, operator, index, checkpoint } = verifyNotarization(text, root);
  const units = payment.amount.padStart(payment.scale + 1, "0");
  const point = units.length - payment.scale;
  const amount = payment.scale === 0 ? units : `${units.slice(0, point)}.${units.slice(point)}`;
  console.log(`paid       ${amount} ${payment.currency} at ${moment(payment.iat)}`);
  console.log(`to         ${certificate.name}, ${certificate.origins.join(", ")}`);
  console.log(`through    ${operator}, ${payment.iss}`);
  console.log(`notarized  ${moment(checkpoint.at)}, ${index + 1} of ${checkpoint.size} payments`);
} catch (error) {
  if (!(error instanceof Failure)) throw error;
  console.error(`The file does not prove a payment: ${error.message}.`);
  process.exitCode = 1;
}
