/** What the command line is given by its composition root. */
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
}

/** The options that every command takes. */
export interface GlobalOptions {
  readonly dataDir?: string;
  readonly json?: boolean;
}

const DEFAULT_DATA_DIR = ".data/tps";

/** Where this run's storage is: option, environment, default. */
export function storageOptions(context: CliContext, options: GlobalOptions): StorageOptions {
  const { environment } = context;
  return {
    dataDir: options.dataDir ?? environment.CHIT_DATA_DIR ?? DEFAULT_DATA_DIR,
    databaseUrl: environment.DATABASE_URL,
    environment,
  };
}

/** Runs `work` with the storage open, and closes it whatever happens. */
export async function withStorage<T>(
  context: CliContext,
  options: GlobalOptions,
  work: (deps: OpenedTps["deps"]) => Promise<T>,
): Promise<T> {
  let broken: Error | undefined;
  const opened = await openStorage(context.platform, storageOptions(context, options), (error) => {
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
