/** The issuer's settings as stored: who runs this TPS, under which web origin, in which currency. */
import {
  currency,
  displayText,
  message,
  LIMITS as PROTOCOL_LIMITS,
  scale,
  telephoneNumber,
  webOrigin,
} from "@chit/protocol";
import type * as v from "valibot";
import { OperatorError } from "../errors.ts";
import { one, type Queryable } from "../store/database.ts";

/** The settings of `init`. */
export const issuerSchema = message({
  /** The web origin under which wallets reach this server. Cannot change: documents name it. */
  origin: webOrigin,
  /** The operator's name as wallets show it. */
  operator: displayText(PROTOCOL_LIMITS.nameLength),
  /** The number of the telephone service. */
  telephone: telephoneNumber,
  /** Cannot change: balances are kept in it. */
  currency,
  scale,
});

/** An issuer's settings. */
export type Issuer = v.InferOutput<typeof issuerSchema>;

/**
 * The settings of this TPS.
 *
 * @throws {OperatorError} `not-initialised`
 */
export async function readIssuer(database: Queryable): Promise<Issuer> {
  const issuer = one(
    await database.query<Issuer>("select origin, operator, telephone, currency, scale from issuer"),
  );
  if (issuer === undefined) {
    throw new OperatorError(
      "not-initialised",
      'This TPS has no settings yet. Run "chit-tps init".',
    );
  }
  return issuer;
}
