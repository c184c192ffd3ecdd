/** The TPS as a library: for the demonstration, for tests, and for operators' own programs. */

export {
  type Funding,
  fundAccount,
  linkDevice,
  type OpenedAccount,
  openAccount,
  revokeDevice,
} from "./accounts/accounts.ts";
export { setAccountStatus } from "./accounts/holds.ts";
export { type AccountOverview, showAccount } from "./accounts/show.ts";
export { renewPasscode, type TelephoneAccess } from "./accounts/telephone-access.ts";
export { type Audit, audit } from "./clearing/audit/audit.ts";
export { type FinishedSettlement, type SettlementOptions, settle } from "./clearing/settle.ts";
export type { TpsDeps } from "./deps.ts";
export { OperatorError, type OperatorErrorCode } from "./errors.ts";
export { type BankAccount, setBankAccount } from "./funding/bank-account.ts";
export { type ImportResult, importBankFile } from "./funding/import.ts";
export { createLog, type LogLevel } from "./http/log.ts";
export { initialiseIssuer } from "./issuer/issuer.ts";
export type { Issuer } from "./issuer/read-issuer.ts";
export { type KeyRing, loadKeyRing } from "./keys/key-ring.ts";
export { rotateKey } from "./keys/rotate.ts";
export {
  approveMerchant,
  type MerchantBundle,
  registerApplication,
} from "./merchants/applications.ts";
export { listMerchants, type MerchantOverview, revokeMerchant } from "./merchants/merchants.ts";
export { openStorage, type StorageOptions } from "./open.ts";
export { type Platform, systemPlatform } from "./platform.ts";
export { type RunningTps, startTps, type TpsOptions } from "./start.ts";
export { findBinaries } from "./store/postgres-binaries.ts";
export { type AlarmOverview, acknowledgeAlarm, listAlarms } from "./telephone/alarms.ts";
export { type CaseOverview, closeCase, listCases, showCase } from "./telephone/cases.ts";
