/**
 * A script as TwiML, the XML that telephone carriers understand: Response with Say, Pause, Gather, Record, Dial,
 * Redirect, Hangup. Escaping is the XML library's.
 */
import { create, type XMLElement } from "xmlbuilder";
import { VRU_LIMITS } from "./limits.ts";
import type { Line, Script } from "./script-parts.ts";
import { VOICES } from "./spoken.ts";

// What XML 1.0 cannot hold at all, escaped or not; and the sign for what could not be read.
const NOT_XML = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffc}\u{10000}-\u{10ffff}]/gu;

/**
 * The document. `action` is the URL, with a query, that takes what the caller does; when nothing is keyed in, the carrier asks
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
    case "record":
      // Whoever hangs up while speaking is asked for as well: carriers then send the recording to this address.
      response.ele("Record", {
        maxLength: VRU_LIMITS.messageSeconds,
        timeout: VRU_LIMITS.messageSilenceSeconds,
        finishOnKey: "#",
        playBeep: "true",
        method: "POST",
        action: `${action}&case=${after.caseNumber}`,
      });
      // Reached when nothing at all was said.
      response.ele("Redirect", { method: "POST" }, action);
      break;
    case "dial":
      response.ele(
        "Dial",
        {
          timeout: VRU_LIMITS.ringSeconds,
          timeLimit: VRU_LIMITS.operatorSeconds,
          method: "POST",
          action,
        },
        after.number,
      );
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
