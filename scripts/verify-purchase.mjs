#!/usr/bin/env node
// Decodes and verifies a recorded purchase: a second implementation, written from docs/PROTOCOL.md alone.
// It imports nothing but Node (20 or later), and no line of this repository outside of scripts/verify-purchase.
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { Failure } from "./verify-purchase/bytes.mjs";
import { verifyPurchase } from "./verify-purchase/purchase.mjs";
import { readRecording } from "./verify-purchase/recording.mjs";

const USAGE = `Usage: node scripts/verify-purchase.mjs [--json] <recording.json>

Verifies every message of a recorded purchase against docs/PROTOCOL.md, and prints one line for each check.
  --json   print the results as JSON
  --help   print this
Exit code: 0 all checks hold; 1 some do not; 2 there is nothing to check (arguments, file).

A recording is one JSON object ("b64u" is base64url without padding, of raw bytes):
  description   text
  now           when the purchase took place, in seconds since 1970
  pageOrigin    origin of the page that offered the quote
  keys          root (b64u, Ed25519 public), tpsSealing ([{ "private": b64u, X25519 }]),
                merchantSealing (b64u, X25519 private), device (b64u, Ed25519 public),
                modifiedPin (b64u, 32 bytes, before the payment);
                and if known pin (digits) with modifier (b64u), nextModifiedPin (b64u)
  keyList       the issuer's key list (JWS)
  messages      [{ step: 2–10, from, to: "CTS" | "MTS" | "TPS", method, url, status, headers, body: b64u }]
                in order; steps 9 and 10 once or more often for each of the goods`;

/**
 * @param {string} why
 * @returns {never}
 */
function giveUp(why) {
  console.error(`${why}\n\n${USAGE}`);
  process.exit(2);
}

function readArguments() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: { json: { type: "boolean" }, help: { type: "boolean" } },
    });
  } catch (error) {
    return giveUp(error instanceof Error ? error.message : String(error));
  }
}

/** @param {string} path */
function readFile(path) {
  try {
    return readRecording(JSON.parse(readFileSync(path, "utf8")));
  } catch (error) {
    if (
      error instanceof Failure ||
      error instanceof SyntaxError ||
      (error instanceof Error && "code" in error)
    ) {
      return giveUp(`${path}: ${error.message}`);
    }
    throw error;
  }
}

const { values, positionals } = readArguments();
if (values.help) {
  console.log(USAGE);
  process.exit(0);
}
const path = positionals[0];
if (path === undefined || positionals.length !== 1) giveUp("Name one recording.");

const recording = readFile(path);
const results = verifyPurchase(recording);
const failed = results.filter(({ ok }) => !ok).length;
if (values.json) {
  const { description } = recording;
  console.log(JSON.stringify({ description, checks: results, failed }, undefined, 2));
} else {
  if (recording.description) console.log(`${recording.description}\n`);
  const width = Math.max(...results.map(({ what }) => what.length));
  console.log(`step  ${"check".padEnd(width)}  result`);
  for (const { step, what, ok, why } of results) {
    const number = step === 0 ? "–" : String(step);
    console.log(`${number.padStart(4)}  ${what.padEnd(width)}  ${ok ? "ok" : `FAILED: ${why}`}`);
  }
  console.log(`\n${results.length} checks, ${failed} failed`);
}
process.exitCode = failed === 0 ? 0 : 1;
