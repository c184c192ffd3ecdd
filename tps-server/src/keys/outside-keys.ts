/**
 * The keys outside of the database, and where they come from: an environment variable, or a file in the data
 * directory that is made on first use. Several keys, newest first, separated by commas or line breaks, allow
 * to change them. Which PIN key seals is said by the database (pin-keys.ts).
 */
import { link, mkdir, mkdtemp, open, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { bytes, parseValue, toBase64url } from "@chit/protocol";
import { OperatorError } from "../errors.ts";
import type { Platform } from "../platform.ts";

const KEY_BYTES = 32;

/**
 * Names in the data directory's `secrets` and in the environment. The telephone unit gets the PIN key alone;
 * the master key opens the issuer's own private keys.
 */
export const OUTSIDE_KEYS = {
  pin: { file: "pin-key", variable: "CHIT_PIN_KEY" },
  master: { file: "master-key", variable: "CHIT_MASTER_KEY" },
} as const;

/**
 * The keys of one kind, newest first.
 *
 * @param environment the process's variables
 * @param create make the file where there is none
 * @throws {OperatorError} `setting-invalid`, `outside-key-missing`
 */
export async function loadOutsideKeys(
  kind: keyof typeof OUTSIDE_KEYS,
  dataDirectory: string | undefined,
  environment: Readonly<Record<string, string | undefined>>,
  create?: Pick<Platform, "randomBytes">,
): Promise<Uint8Array[]> {
  const { file, variable } = OUTSIDE_KEYS[kind];
  const given = environment[variable];
  if (given !== undefined) return parseKeys(given, variable);
  if (dataDirectory === undefined) {
    throw new OperatorError("outside-key-missing", `Set ${variable}, or name a data directory.`);
  }
  const text = await readSecret(
    dataDirectory,
    file,
    create && (() => toBase64url(create.randomBytes(KEY_BYTES))),
  );
  if (text === undefined) {
    throw new OperatorError(
      "outside-key-missing",
      `There is no ${join(dataDirectory, "secrets", file)} and no ${variable}. Run "chit-tps init" first, or restore the key.`,
    );
  }
  return parseKeys(text, file);
}

function parseKeys(text: string, from: string): Uint8Array[] {
  try {
    const keys = text.split(/[\s,]+/).filter((part) => part !== "");
    if (keys.length === 0) throw new TypeError("There is no key in it.");
    return keys.map((part) => parseValue(bytes(KEY_BYTES), part));
  } catch (cause) {
    throw new OperatorError(
      "setting-invalid",
      `${from} must hold ${KEY_BYTES} bytes as base64url (or several such, newest first).`,
      { cause },
    );
  }
}

/** A secret of the data directory; made by `create` on first use, readable by its owner alone. */
export async function readSecret(
  dataDirectory: string,
  name: string,
  create?: () => string,
): Promise<string | undefined> {
  const path = join(dataDirectory, "secrets", name);
  try {
    return (await readFile(path, "utf8")).trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
  if (create === undefined) return undefined;
  const directory = join(dataDirectory, "secrets");
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await publish(directory, name, `${create()}\n`);
  return (await readFile(path, "utf8")).trim();
}

/**
 * Puts a file in its place, whole and on the disk, or leaves the one that is there: nobody ever sees it half written,
 * neither another process of ours in the same moment nor the next one after a crash.
 */
async function publish(directory: string, name: string, content: string): Promise<void> {
  // mkdtemp's directory is its owner's alone, and no other call has the same.
  const workshop = await mkdtemp(join(directory, `.${name}-`));
  try {
    const file = join(workshop, name);
    await writeFile(file, content, { mode: 0o600, flag: "wx", flush: true });
    await link(file, join(directory, name));
    await flushDirectory(directory);
  } catch (error) {
    // Another process of ours made it in the same moment: that one counts.
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  } finally {
    await rm(workshop, { recursive: true, force: true });
  }
}

/** The name, too, must outlive a power cut: values are sealed under the key from now on. */
async function flushDirectory(directory: string): Promise<void> {
  // Windows cannot flush a directory.
  if (process.platform === "win32") return;
  const handle = await open(directory);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Where the PIN keys come from, for whoever changes them. */
export interface PinKeySource {
  /** Newest first. */
  read(): Promise<Uint8Array[]>;
  /** Undefined where they are in a variable, which only the operator can change. */
  readonly replace: ((keys: readonly Uint8Array[]) => Promise<void>) | undefined;
}

/** The PIN keys of a TPS: CHIT_PIN_KEY, or the file in its data directory. */
export function pinKeySource(
  dataDirectory: string,
  environment: Readonly<Record<string, string | undefined>>,
): PinKeySource {
  const { file, variable } = OUTSIDE_KEYS.pin;
  return {
    read: () => loadOutsideKeys("pin", dataDirectory, environment),
    replace:
      environment[variable] === undefined
        ? (keys) => replaceSecret(dataDirectory, file, keys.map(toBase64url).join("\n"))
        : undefined,
  };
}

/** Another content for a secret, whole and on the disk, or the one before: never half of it. */
async function replaceSecret(dataDirectory: string, name: string, content: string): Promise<void> {
  const directory = join(dataDirectory, "secrets");
  const workshop = await mkdtemp(join(directory, `.${name}-`));
  try {
    const file = join(workshop, name);
    await writeFile(file, `${content}\n`, { mode: 0o600, flag: "wx", flush: true });
    await rename(file, join(directory, name));
    await flushDirectory(directory);
  } finally {
    await rm(workshop, { recursive: true, force: true });
  }
}

/** Writes a file for another program of ours to read, for its owner alone. */
export async function writeSecret(
  dataDirectory: string,
  name: string,
  content: string,
): Promise<string> {
  const path = join(dataDirectory, "secrets", name);
  await mkdir(join(dataDirectory, "secrets"), { recursive: true, mode: 0o700 });
  await writeFile(path, `${content}\n`, { mode: 0o600, flush: true });
  return path;
}
