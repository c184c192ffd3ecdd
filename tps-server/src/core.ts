/**
 * The TPS without its start: its parts, for a program that brings database, clock and chance of its own. The
 * simulation runs this very code.
 */
export { setPin } from "./accounts/pin-state.ts";
export { createApp } from "./app.ts";
export { allChores } from "./chores/all-chores.ts";
export { doChores } from "./chores/chores.ts";
export { keepKeyRing } from "./keys/key-ring.ts";
export { createVault } from "./keys/vault.ts";
export { createDecoy } from "./payment/decoy.ts";
export type { PaymentDeps } from "./payment/process.ts";
export { type Database, openDatabase, type Queryable } from "./store/database.ts";
export { acquireEmbeddedPostgres } from "./store/embedded-postgres.ts";
export { migrate } from "./store/migrate.ts";
