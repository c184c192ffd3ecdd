/** What the screens about one account have in common: the account, or why it is not there or may not ask. */
import type { ComponentChildren } from "preact";
import type { AccountView } from "../../messages.ts";
import { AccountNotice } from "../components/account-notice.tsx";
import { FailureNotice } from "../components/notice.tsx";
import { t } from "../i18n.ts";
import { useRequest } from "../request.ts";
import { BackLink } from "./back-link.tsx";
import { Loading } from "./loading.tsx";
import type { Route } from "./router.ts";

interface OfAccountProps {
  readonly accountKey: string;
  /** One step up; the account's own screen unless told. */
  readonly back?: { readonly to: Route; readonly label: string };
  readonly title: string;
  readonly children: (account: AccountView) => ComponentChildren;
}

/** A wallet that was shut out, or has no PIN yet, is told nothing of the account: it says what it needs instead. */
export function OfAccount({ accountKey, back, title, children }: OfAccountProps) {
  const followed = useRequest("overview", {});
  const account = followed.value?.accounts.find((one) => one.accountKey === accountKey);
  const told =
    account !== undefined &&
    account.condition !== "device-revoked" &&
    account.condition !== "awaiting-pin";
  const up = back ?? { to: { name: "account", accountKey }, label: t("account_title") };
  return (
    <>
      <BackLink {...up} />
      <h1 tabIndex={-1}>{title}</h1>
      {followed.value === null && <Loading followed={followed} />}
      {followed.value !== null && account === undefined && (
        <FailureNotice failure={{ code: "unknown-account", detail: "" }} />
      )}
      {account !== undefined && !told && (
        <AccountNotice account={account} onChange={followed.again} />
      )}
      {account !== undefined && told && children(account)}
    </>
  );
}
