/** What the background does for the pages that make and restore backups: one function a message. */
import { toBase64url } from "@chit/protocol";
import { backupContents, backupPurchases, prepareBackup } from "../cts/backup/collect.ts";
import { restoreRecords, wantedGoods } from "../cts/backup/restore.ts";
import type { CtsDeps } from "../cts/deps.ts";
import { recoveryLink, unconnectedAccounts } from "../cts/former-accounts.ts";
import type { Wallet } from "../cts/wallet.ts";
import type { RequestHandlers } from "./requests.ts";

type BackupHandlers = Pick<
  RequestHandlers,
  | "backupContents"
  | "prepareBackup"
  | "backupPurchases"
  | "restoreRecords"
  | "wantedGoods"
  | "unconnectedAccounts"
  | "recoveryLink"
>;

export function backupHandlers(deps: CtsDeps, wallet: Pick<Wallet, "runner">): BackupHandlers {
  return {
    backupContents: () => backupContents(deps),
    prepareBackup: () => prepareBackup(deps),
    backupPurchases: ({ purchaseIds }) => backupPurchases(deps, purchaseIds),
    async restoreRecords({ records }) {
      const restored = await restoreRecords(deps, records);
      // What was under way on the other computer goes on here.
      await wallet.runner.resumeAll();
      return restored;
    },
    async wantedGoods({ purchaseId, goodsId }) {
      const wanted = await wantedGoods(deps, purchaseId, goodsId);
      return wanted && { ...wanted, digest: toBase64url(wanted.digest) };
    },
    async unconnectedAccounts() {
      const accounts = await unconnectedAccounts(deps);
      return accounts.map(({ accountKey, issuer, facts, deviceName, recoverySecret }) => ({
        accountKey,
        issuer,
        operator: facts.operator,
        telephone: facts.telephone,
        deviceName,
        recoverable: recoverySecret !== null,
      }));
    },
    recoveryLink: async ({ accountKey }) => ({ link: await recoveryLink(deps, accountKey) }),
  };
}
