/** What the wallet's records are built from. Byte strings are kept as such, amounts as wire strings. */
import { message, whole } from "@chit/protocol";
import * as v from "valibot";

export const binary = v.custom<Uint8Array>(
  (value) => value instanceof Uint8Array,
  "Expected bytes.",
);
export const bytesOf = (length: number) =>
  v.pipe(
    binary,
    v.check((value) => value.length === length, `Expected ${length} bytes.`),
  );
export const counter = whole(0, Number.MAX_SAFE_INTEGER);
export const wireAmount = v.pipe(v.string(), v.regex(/^(0|-?[1-9][0-9]{0,18})$/));
export const text = v.pipe(v.string(), v.maxLength(4_096));

export const failureSchema = message({ code: v.pipe(v.string(), v.maxLength(60)), detail: text });
export type Failure = v.InferOutput<typeof failureSchema>;
