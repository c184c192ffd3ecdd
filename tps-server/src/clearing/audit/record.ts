/** That an audit took place and how it ended, for monitoring. */
import type { Database } from "../../store/database.ts";
import type { Audit } from "./audit.ts";

/** Notes it. The audit itself reads in a transaction that cannot write. */
export async function recordAudit(
  database: Database,
  { at, all, isSound, checks }: Pick<Audit, "at" | "all" | "isSound" | "checks">,
): Promise<void> {
  const findings = checks.reduce((sum, check) => sum + check.findings.length, 0);
  await database.query(
    "insert into audits (at, every_document, is_sound, findings) values ($1, $2, $3, $4)",
    [at, all, isSound, findings],
  );
}
