/** What the command line is given by its composition root. */
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { OperatorError } from "../errors.ts";
import { type OpenedTps, openStorage, type StorageOptions } from "../open.ts";
import type { Platform } from "../platform.ts";

/** The surroundings of one run. */
export interface CliContext {
  readonly platform: Platform;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Results. */
  out(text: string): void;
  /** Remarks for people, which a pipe should not see. */
  say(text: string): void;
  /** Resolves when the operator or the system asks the process to end (SIGINT, SIGTERM). */
  untilStopped(): Promise<void>;
  /** Calls `replace` whenever the operator asks for new workers (SIGUSR2). */
  onReplace(replace: () => void): void;
  /** The program's arguments, for workers that run the same command. */
  readonly args: readonly string[];
}

/** The options that every command takes. */
export interface GlobalOptions {
  readonly dataDir?: string;
  readonly json?: boolean;
}

const DEFAULT_DATA_DIR = ".data/tps";

/** Where this run's storage is: option, environment, default. */
function storageOptions(context: CliContext, options: GlobalOptions): StorageOptions {
  const { environment } = context;
  return {
    dataDir: options.dataDir ?? environment.CHIT_DATA_DIR ?? DEFAULT_DATA_DIR,
    databaseUrl: environment.DATABASE_URL,
    environment,
  };
}

/**
 * The same, where `init` was before: a misspelt directory is told and not made.
 *
 * @throws {OperatorError} `not-initialised`
 */
export function existingStorage(context: CliContext, options: GlobalOptions): StorageOptions {
  const storage = storageOptions(context, options);
  if (storage.databaseUrl === undefined && !existsSync(join(storage.dataDir, "postgres"))) {
    throw new OperatorError(
      "not-initialised",
      `There is no TPS in ${resolve(storage.dataDir)}. Run "chit-tps init" first, or name its directory with --data-dir or CHIT_DATA_DIR.`,
    );
  }
  return storage;
}

/** What a command does with an open storage. */
type Work<T> = (deps: OpenedTps["deps"]) => Promise<T>;

/** Runs `work` with the storage open, and closes it whatever happens. */
export async function withStorage<T>(
  context: CliContext,
  options: GlobalOptions,
  work: Work<T>,
): Promise<T> {
  return within(context, existingStorage(context, options), work);
}

/** The same for `init`, which makes what is missing. */
export async function withNewStorage<T>(
  context: CliContext,
  options: GlobalOptions,
  work: Work<T>,
): Promise<T> {
  return within(context, storageOptions(context, options), work);
}

/** The same with a storage described in full. */
export async function within<T>(
  context: CliContext,
  storage: StorageOptions,
  work: Work<T>,
): Promise<T> {
  let broken: Error | undefined;
  const opened = await openStorage(context.platform, storage, (error) => {
    broken = error;
  });
  try {
    return await work(opened.deps);
  } catch (cause) {
    if (broken === undefined) throw cause;
    throw new OperatorError("database-unavailable", "The database went away. Try again.", {
      cause,
    });
  } finally {
    await opened.close();
  }
}
