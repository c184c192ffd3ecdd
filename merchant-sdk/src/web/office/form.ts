/**
 * Forms of the back office: read, and refused unless they come from its own pages. Two things have to be right, each of which
 * would do alone in a browser of today: the browser says that its own site sent the form, and the form holds a token
 * that only a page for this person has.
 */
import { createHmac, hkdfSync, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { parseValue, utf8 } from "@chit/protocol";
import type * as v from "valibot";
import { MERCHANT_LIMITS } from "../../limits.ts";
import { readBody } from "../http.ts";
import { OfficeProblem } from "./answer.ts";

/** Makes and checks the tokens of forms. */
export class FormTokens {
  readonly #key: Uint8Array;
  readonly #clock: () => number;

  /** @param secret of the merchant: processes that share it take each other's forms */
  constructor(secret: Uint8Array, clock: () => number) {
    const label = utf8("chit/1/back-office-forms");
    this.#key = new Uint8Array(hkdfSync("sha256", secret, new Uint8Array(0), label, 32));
    this.#clock = clock;
  }

  /** A token for a person. */
  issue(who: string): string {
    const at = this.#clock();
    return `${at}.${this.#tag(who, at)}`;
  }

  /** @throws {OfficeProblem} `origin` */
  expect(who: string, token: string | undefined): void {
    const [, digits = "", tag = ""] = /^(\d{1,12})\.([\w-]{43})$/.exec(token ?? "") ?? [];
    const at = Number(digits);
    const age = this.#clock() - at;
    const same = tag !== "" && timingSafeEqual(Buffer.from(tag), Buffer.from(this.#tag(who, at)));
    const isFresh = age >= -MERCHANT_LIMITS.formSeconds && age <= MERCHANT_LIMITS.formSeconds;
    if (!same || !isFresh) throw new OfficeProblem("origin", 403);
  }

  #tag(who: string, at: number): string {
    return createHmac("sha256", this.#key).update(`${at}\0${who}`).digest("base64url");
  }
}

/**
 * Refuses what another site's page sent.
 *
 * @param origin the back office's own, as the browser sees it
 * @throws {OfficeProblem} `origin`
 */
export function expectSameOrigin(
  headers: { readonly site: string | undefined; readonly origin: string | undefined },
  origin: string,
): void {
  const fine =
    headers.site === undefined ? headers.origin === origin : headers.site === "same-origin";
  if (!fine) throw new OfficeProblem("origin", 403);
}

/** The fields of a form, also where `express.urlencoded()` has read it. */
export async function readForm(
  request: IncomingMessage & { readonly body?: unknown },
): Promise<ReadonlyMap<string, string>> {
  const { body } = request;
  if (typeof body === "object" && body !== null && !(body instanceof Uint8Array)) {
    const fields = Object.entries(body).filter(
      (field): field is [string, string] => typeof field[1] === "string",
    );
    // Express 5 leaves an empty object where nothing read the body.
    if (fields.length > 0) return new Map(fields);
  }
  try {
    const text = Buffer.from(await readBody(request, MERCHANT_LIMITS.formBytes)).toString("utf8");
    return new Map(new URLSearchParams(text));
  } catch (cause) {
    throw new OfficeProblem("form", 400, { cause });
  }
}

/**
 * What a form says, checked.
 *
 * @throws {OfficeProblem} `form`
 */
export function parseForm<S extends v.GenericSchema>(
  schema: S,
  fields: ReadonlyMap<string, string>,
): v.InferOutput<S> {
  const { token: _, ...rest } = Object.fromEntries(fields);
  try {
    return parseValue(schema, rest);
  } catch (cause) {
    throw new OfficeProblem("form", 400, { cause });
  }
}
