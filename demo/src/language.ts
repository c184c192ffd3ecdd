/** The two languages of the demonstration's pages, chosen as the browser asks. */
import type { Request } from "express";

export const LANGUAGES = ["en", "de"] as const;
export type Language = (typeof LANGUAGES)[number];

/** By `Accept-Language`; English when it names neither. */
export function languageOf(request: Request): Language {
  return request.acceptsLanguages([...LANGUAGES]) === "de" ? "de" : "en";
}
