/** The first word with a database: whether it answers at all, said so that an operator can mend it. */
import { OperatorError } from "../errors.ts";
import type { Queryable } from "./database.ts";

/**
 * Asks the database for a sign of life.
 *
 * @param setting where its URL was given, for the message: "DATABASE_URL"
 * @throws {OperatorError} `database-unavailable`; the message holds host and database, never user or password
 */
export async function reachDatabase(
  database: Queryable,
  url: string,
  setting: string,
): Promise<void> {
  try {
    await database.query("select 1 as alive");
  } catch (cause) {
    // A name with several addresses fails with several errors and a message of its own: none.
    const { message, code } = cause as NodeJS.ErrnoException;
    throw new OperatorError(
      "database-unavailable",
      `The database ${placeName(url)} does not answer: ${message || code}. Does it run? Check ${setting}.`,
      { cause },
    );
  }
}

/**
 * That a URL names a PostgreSQL database; the driver takes anything and looks for a host in it.
 *
 * @throws {OperatorError} `setting-invalid`
 */
export function checkDatabaseUrl(url: string, setting: string): void {
  if (/^postgres(ql)?:$/.test(URL.parse(url)?.protocol ?? "")) return;
  throw new OperatorError(
    "setting-invalid",
    `${setting} is no address of a PostgreSQL database. Write postgres://user:password@host/database.`,
  );
}

/** Host and name of a database, for people: never user or password. */
export function placeName(url: string): string {
  const parsed = URL.parse(url);
  if (parsed === null) return "";
  // A directory with a Unix socket is given as a parameter.
  return `${parsed.searchParams.get("host") ?? parsed.host}${parsed.pathname}`;
}
