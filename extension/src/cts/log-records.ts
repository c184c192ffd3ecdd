/** What the wallet keeps of an issuer's log of payments; see `records.ts`. */
import { LIMITS, message, time } from "@chit/protocol";
import * as v from "valibot";
import { WALLET_LIMITS } from "./limits.ts";
import { text } from "./schemas.ts";

const checkpoint = v.pipe(v.string(), v.maxLength(LIMITS.checkpointBytes));

export const knownLogSchema = message({
  issuer: text,
  /** The newest signed checkpoint that continues all that were seen before. */
  checkpoint,
  seenAt: time,
  /** Signed checkpoints that do not: each with the one that it contradicts, it shows that the issuer changed its log. */
  contradictions: v.pipe(
    v.array(message({ known: checkpoint, shown: checkpoint, seenAt: time })),
    v.maxLength(WALLET_LIMITS.logContradictions),
  ),
});
export type KnownLog = v.InferOutput<typeof knownLogSchema>;
export type Contradiction = KnownLog["contradictions"][number];
