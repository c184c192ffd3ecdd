/** The telephone service as a library: for the demonstration and for tests. */
export { CALLS_PATH, type VruLog } from "./app.ts";
export { type Form, SIGNATURE_HEADER, signWebhook } from "./signature.ts";
export { type RunningVru, startVru, type VruOptions } from "./start.ts";
