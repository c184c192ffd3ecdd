/** What the background does for each request of the wallet's own pages: one function a message. */
import { toBase64url } from "@chit/protocol";
import {
  activate,
  inspectActivation,
  refreshStatus,
  removeAccount,
  setTransactionCount,
} from "../cts/account.ts";
import { accountOf } from "../cts/account-store.ts";
import type { CtsDeps } from "../cts/deps.ts";
import { askDevices, inviteDevice } from "../cts/devices.ts";
import { WalletError } from "../cts/errors.ts";
import { WALLET_LIMITS } from "../cts/limits.ts";
import { createNotary } from "../cts/notary.ts";
import { statesThatAre } from "../cts/purchase-state.ts";
import { purchaseOf } from "../cts/purchase-store.ts";
import { returnNotices } from "../cts/refund-view.ts";
import {
  accountView,
  attention,
  devicesView,
  history,
  purchaseSummaries,
  purchaseView,
  recentRefusals,
  unfinished,
} from "../cts/views.ts";
import type { Wallet } from "../cts/wallet.ts";
import type { WalletAnswers, WalletRequestInput, WalletRequestName } from "../messages.ts";
import { afterSaleHandlers } from "./after-sale-requests.ts";
import { backupHandlers } from "./backup-requests.ts";
import { statementHandlers } from "./statement-requests.ts";
import type { Surfaces } from "./surfaces.ts";

/** One function a request, with its checked input. */
export type RequestHandlers = {
  readonly [N in WalletRequestName]: (input: WalletRequestInput<N>) => Promise<WalletAnswers[N]>;
};

/** Ends that the home page shows as recent. */
const RECENT_ENDS = ["complete", "denied", "payer-complete", "payer-denied"];

export function requestHandlers(
  deps: CtsDeps,
  wallet: Wallet,
  surfaces: Pick<Surfaces, "reopenShop" | "show">,
): RequestHandlers {
  const { store } = deps;
  const notary = createNotary(deps);
  const view = async (purchaseId: string) => purchaseView(deps, await purchaseOf(deps, purchaseId));

  return {
    ...backupHandlers(deps, wallet),
    ...statementHandlers(deps),
    ...afterSaleHandlers(deps, wallet),
    async overview() {
      const accounts = await store.accounts();
      const recent = await store.history(0, WALLET_LIMITS.recent, (purchase) =>
        [...statesThatAre("owed"), ...RECENT_ENDS].includes(purchase.state),
      );
      return {
        accounts: accounts.map(accountView),
        recent: await purchaseSummaries(deps, recent),
        attention: await purchaseSummaries(deps, attention(await unfinished(deps))),
        refusals: await recentRefusals(deps),
        returns: await returnNotices(deps),
      };
    },
    purchases: ({ search, offset }) => history(deps, search, offset),
    purchase: ({ purchaseId }) => view(purchaseId),
    async refusal({ refusalId }) {
      const refusal = await store.refusal(refusalId);
      if (refusal === undefined) {
        throw new WalletError("unknown-refusal", "The wallet has no such note.");
      }
      const { origin, issuers, failure } = refusal;
      return { origin, issuers, failure };
    },
    async inspectActivation({ link }) {
      const { iss, operator, telephone, currency } = await inspectActivation(deps, link);
      return { issuer: iss, operator, telephone, currency };
    },
    async activate({ link, deviceName }) {
      const account = await activate(deps, link, deviceName);
      // Whoever came here from a shop goes on there.
      for (const taken of await wallet.retakeRefused()) await surfaces.show(taken, null);
      return accountView(account);
    },
    refreshAccount: async ({ accountKey }) => accountView(await refreshStatus(deps, accountKey)),
    setTransactionCount: async ({ accountKey, count }) =>
      accountView(await setTransactionCount(deps, accountKey, count)),
    async removeAccount({ accountKey }) {
      await removeAccount(deps, accountKey);
      return null;
    },
    devices: ({ accountKey }) => devices(deps, accountKey, { action: "list" }),
    revokeDevice: ({ accountKey, deviceId }) =>
      devices(deps, accountKey, { action: "revoke", deviceId }),
    inviteDevice: ({ accountKey }) => inviteDevice(deps, accountKey),
    async pay({ rememberAddress, ...confirmation }) {
      const { purchaseId, address } = confirmation;
      await wallet.pay(confirmation);
      if (address !== null && rememberAddress) await rememberOnce(deps, address);
      return view(purchaseId);
    },
    async decline({ purchaseId }) {
      await wallet.decline(purchaseId);
      return view(purchaseId);
    },
    async letSomeonePay({ purchaseId, address, rememberAddress }) {
      await wallet.letSomeonePay(purchaseId, address);
      if (address !== null && rememberAddress) await rememberOnce(deps, address);
      return view(purchaseId);
    },
    async payMyself({ purchaseId }) {
      await wallet.payMyself(purchaseId);
      return view(purchaseId);
    },
    async resume({ purchaseId }) {
      wallet.runner.poke(purchaseId);
      return view(purchaseId);
    },
    async reopenShop({ purchaseId }) {
      await surfaces.reopenShop(await purchaseOf(deps, purchaseId));
      return null;
    },
    addresses: () => store.addresses(),
    async saveAddress({ addressId, address }) {
      if (addressId === null && (await store.addresses()).length >= WALLET_LIMITS.addresses) {
        throw new WalletError("wrong-state", "The wallet keeps 50 addresses: delete one first.");
      }
      const saved = { addressId: addressId ?? toBase64url(deps.crypto.randomBytes(16)), address };
      await store.putAddress(saved);
      deps.changed(null);
      return saved;
    },
    async deleteAddress({ addressId }) {
      await store.removeAddress(addressId);
      deps.changed(null);
      return null;
    },
    settings: () => store.settings(),
    async saveSettings(settings) {
      await store.putSettings(settings);
      deps.changed(null);
      return settings;
    },
    async getGoodsAgain({ purchaseId }) {
      await wallet.getAgain(purchaseId);
      return view(purchaseId);
    },
    notarize: ({ purchaseId }) => notary.notarize(purchaseId),
    async deleteGoods({ purchaseId }) {
      const purchase = await purchaseOf(deps, purchaseId);
      if (purchase.state !== "complete") {
        throw new WalletError("wrong-state", "The goods are still on their way.");
      }
      for (const { goodsId } of purchase.advice.goods) {
        await deps.goods.remove(purchaseId, goodsId);
      }
      deps.changed(purchase);
      return view(purchaseId);
    },
  };
}

async function devices(
  deps: CtsDeps,
  accountKey: string,
  action: Parameters<typeof askDevices>[2],
): Promise<WalletAnswers["devices"]> {
  const list = await askDevices(deps, accountKey, action);
  return devicesView(await accountOf(deps, accountKey), list);
}

type Address = Parameters<RequestHandlers["saveAddress"]>[0]["address"];

/** Saves an address that is not saved yet. */
async function rememberOnce(deps: CtsDeps, address: Address): Promise<void> {
  const saved = await deps.store.addresses();
  const text = JSON.stringify(address);
  if (saved.some((known) => JSON.stringify(known.address) === text)) return;
  if (saved.length >= WALLET_LIMITS.addresses) return;
  const addressId = toBase64url(deps.crypto.randomBytes(16));
  await deps.store.putAddress({ addressId, address });
}
