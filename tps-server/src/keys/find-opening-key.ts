/** Which of our keys a sealed message asks for, or why it is not read. */
import type { OpeningKey } from "@chit/protocol";
import { HttpProblem } from "../http/problem.ts";
import type { KeyRings } from "./key-ring.ts";

/**
 * The key that opens a message.
 *
 * @throws {HttpProblem} `issuer-mismatch`, `sealing-key-unknown`
 */
export async function findOpeningKeyOrRefuse(
  keyRings: KeyRings,
  message: { readonly issuer: string; readonly keyId: string },
): Promise<OpeningKey> {
  const { origin } = keyRings.current().issuer;
  if (message.issuer !== origin) {
    throw new HttpProblem(
      "issuer-mismatch",
      `This is ${origin}. Send the message to the issuer that it names.`,
    );
  }
  const key = await keyRings.findOpeningKey(message.keyId);
  if (key === undefined) {
    throw new HttpProblem(
      "sealing-key-unknown",
      "Fetch the key list again and seal a new message to the current key. This one was not read.",
    );
  }
  return key;
}
