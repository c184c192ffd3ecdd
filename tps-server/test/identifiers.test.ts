import { fromBase64url } from "@chit/protocol";
import { expect, test } from "vitest";
import { newIdentifier } from "../src/identifiers.ts";

test("no identifier looks like an option on a command line", () => {
  const draws = ["-z2rDNBOejySiWnu-gtOHA", "_z2rDNBOejySiWnu-gtOHA"].map(fromBase64url);
  const randomBytes = () => draws.shift() ?? new Uint8Array(16);
  expect(newIdentifier({ randomBytes })).toBe("_z2rDNBOejySiWnu-gtOHA");
});
