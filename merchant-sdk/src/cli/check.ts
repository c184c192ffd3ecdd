/** `chit-merchant check`: what is right and what is wrong with a shop's files, in a table. */
import { statSync } from "node:fs";
import { join } from "node:path";
import {
  KEY_LIST_PATH,
  type KeyList,
  LIMITS,
  type ProtocolCrypto,
  verifyKeyList,
} from "@chit/protocol";
import { nodeCrypto } from "@chit/protocol/node";
import {
  checkCertificate,
  type MerchantBundle,
  type MerchantKeys,
  readBundle,
  readKeys,
} from "../credentials.ts";
import { type CliDeps, callIssuer, FILES } from "./context.ts";

const DAY = 86_400;
/** A certificate with fewer days left should be renewed now. */
const RENEW_DAYS = 30;

export interface CheckOptions {
  readonly directory: string;
  /** The origin that the shop will be called under; any certified one when undefined. */
  readonly origin: string | undefined;
}

type Verdict = "ok" | "look" | "wrong";

interface Row {
  readonly verdict: Verdict;
  readonly what: string;
  readonly found: string;
}

/** Checks everything that can be checked without selling. Returns false when something is wrong. */
export async function check(deps: CliDeps, options: CheckOptions): Promise<boolean> {
  const rows: Row[] = [];
  const crypto = nodeCrypto(deps.randomBytes);
  const keysPath = join(options.directory, FILES.keys);
  const keys = attempt(rows, "keys", () => readKeys(keysPath), "read");
  if (keys !== undefined) rows.push(checkMode(keysPath));
  const bundle = attempt(
    rows,
    "bundle",
    () => readBundle(join(options.directory, FILES.bundle)),
    "read",
  );
  if (bundle !== undefined) {
    const list = attempt(
      rows,
      "key list",
      () => verifyBundleList(crypto, bundle, deps.clock()),
      `signed by the root key of ${bundle.issuer}`,
    );
    if (keys !== undefined && list !== undefined) {
      checkOwnCertificate(rows, crypto, { keys, bundle, list }, deps.clock(), options.origin);
    }
    rows.push(await checkIssuer(deps, bundle));
  }
  for (const row of rows) deps.print(formatRow(row));
  return rows.every(({ verdict }) => verdict !== "wrong");
}

/** The bundle's key list under the bundle's root key. */
export function verifyBundleList(
  crypto: Pick<ProtocolCrypto, "verifyEd25519">,
  bundle: MerchantBundle,
  now: number,
): KeyList {
  return verifyKeyList(crypto, bundle.rootKey, bundle.keyList, now);
}

function checkMode(path: string): Row {
  const others = statSync(path).mode & 0o077;
  if (others === 0 || process.platform === "win32") {
    return { verdict: "ok", what: "keys' rights", found: "readable for their owner alone" };
  }
  return {
    verdict: "wrong",
    what: "keys' rights",
    found: `others may read them: chmod 600 ${path}`,
  };
}

function checkOwnCertificate(
  rows: Row[],
  crypto: ProtocolCrypto,
  { keys, bundle, list }: { keys: MerchantKeys; bundle: MerchantBundle; list: KeyList },
  now: number,
  origin: string | undefined,
): void {
  const certificate = attempt(
    rows,
    "certificate",
    () => checkCertificate(crypto, keys, bundle.certificate, list, now),
    "the issuer's, in force, for these keys",
  );
  if (certificate === undefined) return;
  const days = Math.floor((certificate.exp - now) / DAY);
  rows.push({
    verdict: days < RENEW_DAYS ? "look" : "ok",
    what: "valid for",
    found: days < RENEW_DAYS ? `${days} days: have it renewed now` : `${days} days`,
  });
  rows.push({ verdict: "ok", what: "name", found: certificate.name });
  rows.push(checkOrigin(certificate.origins, origin));
  rows.push({
    verdict: "ok",
    what: "currency",
    found: `${certificate.currency}, ${certificate.scale} decimals`,
  });
}

function checkOrigin(certified: readonly string[], origin: string | undefined): Row {
  const names = certified.join(", ");
  if (origin === undefined || certified.includes(origin)) {
    return { verdict: "ok", what: "origins", found: names };
  }
  return {
    verdict: "wrong",
    what: "origins",
    found: `${origin} is not certified (${names}): apply again with --origin ${origin}`,
  };
}

/** Whether the issuer answers, and how far this computer's clock is from its own. */
async function checkIssuer(deps: CliDeps, bundle: MerchantBundle): Promise<Row> {
  const what = "issuer, clock";
  try {
    const response = await callIssuer(deps, `${bundle.issuer}${KEY_LIST_PATH}`);
    await response.body?.cancel();
    const theirs = Math.floor(Date.parse(response.headers.get("date") ?? "") / 1_000);
    if (Number.isNaN(theirs)) {
      return { verdict: "look", what, found: "answers, but tells no time" };
    }
    const off = deps.clock() - theirs;
    if (Math.abs(off) <= LIMITS.clockSkewSeconds) {
      return { verdict: "ok", what, found: `answers; clocks differ by ${Math.abs(off)} s` };
    }
    const how = off > 0 ? "ahead of" : "behind";
    return {
      verdict: "wrong",
      what,
      found: `this clock is ${Math.abs(off)} s ${how} the issuer's: set it (NTP)`,
    };
  } catch (error) {
    return { verdict: "look", what, found: messageOf(error) };
  }
}

function attempt<R>(rows: Row[], what: string, work: () => R, good: string): R | undefined {
  try {
    const result = work();
    rows.push({ verdict: "ok", what, found: good });
    return result;
  } catch (error) {
    rows.push({ verdict: "wrong", what, found: messageOf(error) });
    return undefined;
  }
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

const formatRow = ({ verdict, what, found }: Row) =>
  `${verdict.padEnd(6)} ${what.padEnd(14)} ${found}`;
