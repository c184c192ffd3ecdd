/** The packages of `bench/peers`: installed when they are first asked for, so that nobody else carries them. */
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import * as v from "valibot";

/** Where they are, with the programs that need them. */
export const PEERS = new URL("../../../peers/", import.meta.url);

/** Which of them is measured. */
export const PEER = "@x402/express";

const manifestSchema = v.looseObject({ devDependencies: v.record(v.string(), v.string()) });
const installedSchema = v.looseObject({ version: v.string() });

/**
 * Runs `npm ci` there, unless what is asked for is there already. Express is left out, so that both shops have the bench's own; no
 * package's script is run.
 *
 * @returns the version of {@link PEER}
 */
export async function installPeers(say: (text: string) => void): Promise<string> {
  const { devDependencies } = v.parse(manifestSchema, await readJson("package.json"));
  const version = devDependencies[PEER];
  if (version === undefined) throw new Error(`bench/peers does not ask for ${PEER}.`);
  const installed = await readJson(`node_modules/${PEER}/package.json`).catch(() => undefined);
  if (v.is(installedSchema, installed) && installed.version === version) return version;
  say(`Installing ${PEER} ${version} and what it needs into bench/peers (about 105 MB).`);
  const options = ["--omit=peer", "--ignore-scripts", "--no-audit", "--no-fund"];
  try {
    await promisify(execFile)("npm", ["ci", ...options], { cwd: fileURLToPath(PEERS) });
  } catch (cause) {
    const why = cause instanceof Error && "stderr" in cause ? cause.stderr : cause;
    throw new Error(
      `The packages of bench/peers could not be installed: is a registry in reach?\n${why}`,
      { cause },
    );
  }
  return version;
}

async function readJson(path: string): Promise<unknown> {
  return JSON.parse(await readFile(new URL(path, PEERS), "utf8"));
}
