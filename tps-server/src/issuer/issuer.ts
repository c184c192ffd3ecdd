/** Setting up the issuer. */
import { parseValue } from "@chit/protocol";
import type { TpsDeps } from "../deps.ts";
import { OperatorError } from "../errors.ts";
import { adoptPinKey } from "../keys/pin-keys.ts";
import { ensureKeys } from "../keys/rotate.ts";
import { logOperation } from "../operator-log.ts";
import type { Queryable } from "../store/database.ts";
import { type Issuer, issuerSchema, readIssuer } from "./read-issuer.ts";

/**
 * Sets up the issuer and its first keys. Again with the same settings it changes nothing; name and telephone
 * number may change, the rest not.
 *
 * @throws {OperatorError} `setting-invalid`, `already-initialised`, `outside-key-missing`
 */
export async function initialiseIssuer(deps: TpsDeps, settings: Issuer): Promise<Issuer> {
  const wanted = parseIssuer(settings);
  await deps.database.transaction(async (tx) => {
    const inserted = await tx.query(
      `insert into issuer (origin, operator, telephone, currency, scale, created_at)
       values ($1, $2, $3, $4, $5, $6) on conflict do nothing returning origin`,
      [
        wanted.origin,
        wanted.operator,
        wanted.telephone,
        wanted.currency,
        wanted.scale,
        deps.platform.nowSeconds(),
      ],
    );
    if (inserted.length === 0) await changeIssuer(tx, wanted);
    await logOperation(deps, tx, "init", wanted.origin);
    await ensureKeys(deps, tx);
    await adoptPinKey(tx, deps.pinVault.keyIds(), deps.platform.nowSeconds());
  });
  return wanted;
}

async function changeIssuer(tx: Queryable, wanted: Issuer): Promise<void> {
  const current = await readIssuer(tx);
  for (const fixed of ["origin", "currency", "scale"] as const) {
    if (current[fixed] !== wanted[fixed]) {
      throw new OperatorError(
        "already-initialised",
        `This TPS was set up with ${fixed === "origin" ? "issuer" : fixed} ${current[fixed]}, which cannot become ${wanted[fixed]}. Use another data directory or database for another issuer.`,
      );
    }
  }
  await tx.query("update issuer set operator = $1, telephone = $2", [
    wanted.operator,
    wanted.telephone,
  ]);
}

function parseIssuer(settings: Issuer): Issuer {
  try {
    return parseValue(issuerSchema, settings);
  } catch (cause) {
    throw new OperatorError(
      "setting-invalid",
      (cause as Error).message.replace(/^origin:/, "issuer:"),
      {
        cause,
      },
    );
  }
}
