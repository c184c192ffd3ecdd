/**
 * The signature that a carrier puts on its webhooks, `X-Twilio-Signature`: HMAC-SHA1 under the account's auth
 * token over the URL as the carrier calls it and the form's parameters sorted by name, in base64. (SHA-1 is the
 * carriers' choice; as a MAC's hash it is not broken.)
 */
import { createHmac, timingSafeEqual } from "node:crypto";

/** The header's name, as Node gives it. */
export const SIGNATURE_HEADER = "x-twilio-signature";

/** A form: a name that came more than once has all of its values. */
export type Form = Readonly<Record<string, string | readonly string[]>>;

/** The signature of one webhook, base64. */
export function signWebhook(token: string, url: string, form: Form): string {
  const parameters = Object.keys(form)
    .sort()
    .flatMap((name) => valuesOf(form[name]).map((value) => name + value));
  return createHmac("sha1", token)
    .update(url + parameters.join(""), "utf8")
    .digest("base64");
}

/** Whether `signature` is that of this webhook; in constant time. */
export function verifyWebhook(
  token: string,
  url: string,
  form: Form,
  signature: string | undefined,
): boolean {
  const given = Buffer.from(signature ?? "", "utf8");
  return withAndWithoutPort(url).some((candidate) => {
    const expected = Buffer.from(signWebhook(token, candidate, form), "utf8");
    return given.length === expected.length && timingSafeEqual(given, expected);
  });
}

function valuesOf(value: string | readonly string[] | undefined): readonly string[] {
  if (value === undefined) return [];
  return typeof value === "string" ? [value] : [...new Set(value)].sort();
}

/** Carriers sign some URLs without the port that they call, and some with a standard port that nobody wrote. */
function withAndWithoutPort(url: string): string[] {
  const [whole, start, port] = /^(https?:\/\/(?:\[[^\]]*\]|[^/?#:]*))(:[0-9]+)?/i.exec(url) ?? [];
  if (whole === undefined || start === undefined) return [url];
  const rest = url.slice(whole.length);
  const standard = start.toLowerCase().startsWith("https:") ? ":443" : ":80";
  return [`${start}${rest}`, `${start}${port ?? standard}${rest}`];
}
