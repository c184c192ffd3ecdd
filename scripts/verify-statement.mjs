#!/usr/bin/env node
// Verifies a saved statement of an account off line: a second implementation, written from docs/PROTOCOL.md alone.
// It imports nothing but Node (20 or later), and no line of this repository outside of scripts/verify-purchase.
import { readFileSync } from "node:fs";
import { Failure, fromBase64url } from "./verify-purchase/bytes.mjs";
import { verifyKeyList } from "./verify-purchase/documents.mjs";
import { verifyStatement } from "./verify-purchase/statement.mjs";

const USAGE = `Usage: node scripts/verify-statement.mjs <statement.jws> <key list> <root key> [time]

Verifies every sheet's signature and every sum, and prints what the statement says.
  statement.jws  as the wallet or "chit-tps account statement --format jws" saved it
  key list       file with the issuer's key list (JWS), from <issuer>/.well-known/chit/keys
  root key       the issuer's root key, 32 bytes as base64url: the end of every activation link
  time           when to judge the key list, in seconds since 1970; now unless given
Exit code: 0 it holds; 1 it does not; 2 there is nothing to check.`;

const [statement, keyList, rootKey, time] = process.argv.slice(2);
if (statement === undefined || keyList === undefined || rootKey === undefined) {
  console.error(USAGE);
  process.exit(2);
}

/** @param {string} path */
function read(path) {
  try {
    return readFileSync(path, "utf8").trimEnd();
  } catch (error) {
    console.error(`${path}: ${error instanceof Error ? error.message : error}`);
    return process.exit(2);
  }
}

try {
  const now = time === undefined ? Math.floor(Date.now() / 1000) : Number(time);
  const list = verifyKeyList(read(keyList), fromBase64url(rootKey, 32), now);
  const { movements, ...told } = verifyStatement(read(statement), list);
  console.log(JSON.stringify({ ...told, movements: movements.length }, null, 2));
} catch (error) {
  if (!(error instanceof Failure)) throw error;
  console.error(`The statement does not hold: ${error.message}.`);
  process.exitCode = 1;
}
