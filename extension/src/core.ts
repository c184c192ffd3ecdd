/**
 * The wallet without its browser: the core and the disk, for a program that brings its own surroundings. The
 * simulation runs this very code.
 */
export { goodsStore } from "./background/goods-store.ts";
export { idbStore, openWalletDatabase } from "./background/idb-store.ts";
export { activate, refreshStatus, setTransactionCount } from "./cts/account.ts";
export { commit } from "./cts/commit.ts";
export type { CtsDeps } from "./cts/deps.ts";
export { RefusedError, UnreachableError, WalletError } from "./cts/errors.ts";
export type { Account, Purchase } from "./cts/records.ts";
export type { DeviceKeys } from "./cts/store.ts";
export { isConfirmable } from "./cts/views.ts";
export { createWallet, type Wallet } from "./cts/wallet.ts";
export { openGoodsDatabase } from "./goods-copy.ts";
