/** Who asks, as far as an HTTP request tells it: the language and the origin that the browser sees. */
import type { Request } from "express";
import { LANGUAGES, type Language } from "./words.ts";

/** The language of the pages that fits the reader best. */
export const languageOf = (request: Request): Language =>
  (request.acceptsLanguages(...LANGUAGES) || LANGUAGES[0]) as Language;

/** The origin that the browser sees: of the proxy's headers where the application trusts its proxy. */
export function requestOrigin(request: Request): string {
  const trusts = request.app.get("trust proxy fn") as (address: string, hop: number) => boolean;
  const forwarded = request.get("x-forwarded-host")?.split(",")[0]?.trim();
  const isTrusted = trusts(request.socket.remoteAddress ?? "", 0);
  const host = isTrusted && forwarded !== undefined ? forwarded : request.get("host");
  const url = `${request.protocol}://${host ?? ""}`;
  // As browsers write it: without the scheme's own port, in lower case.
  return URL.canParse(url) ? new URL(url).origin : url;
}
