/**
 * A script as TwiML, the XML that telephone carriers understand: Response with Say, Pause, Gather, Redirect,
 * Hangup. Escaping is the XML library's.
 */
import { create, type XMLElement } from "xmlbuilder";
import type { Language } from "./call-state.ts";
import type { Line, Script } from "./script.ts";

/** BCP 47 tags, as carriers name their voices. */
const VOICES: Readonly<Record<Language, string>> = { en: "en-GB", de: "de-DE" };

// What XML 1.0 cannot hold at all, escaped or not; and the sign for what could not be read.
const NOT_XML = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffc}\u{10000}-\u{10ffff}]/gu;

/**
 * The document. `action` is the URL that takes the caller's keys; when nothing is keyed in, the carrier asks
 * there without any (`Gather` falls through to the `Redirect` behind it).
 */
export function toTwiml(script: Script, action: string): string {
  const response = create("Response", { encoding: "UTF-8" });
  for (const line of script.lines) appendLine(response, line);
  const { after } = script;
  switch (after.type) {
    case "listen": {
      const gather = response.ele("Gather", {
        input: "dtmf",
        numDigits: after.digits,
        timeout: after.seconds,
        // In a menu the number key and the star are keys like others; after a number, # means "done".
        finishOnKey: after.digits === 1 ? "" : "#",
        method: "POST",
        action,
      });
      for (const line of after.lines) appendLine(gather, line);
      response.ele("Redirect", { method: "POST" }, action);
      break;
    }
    case "go-on":
      response.ele("Redirect", { method: "POST" }, action);
      break;
    case "hang-up":
      response.ele("Hangup");
      break;
  }
  return response.end();
}

function appendLine(parent: XMLElement, line: Line): void {
  if ("pauseSeconds" in line) parent.ele("Pause", { length: line.pauseSeconds });
  else parent.ele("Say", { language: VOICES[line.language] }, line.text.replace(NOT_XML, " "));
}
