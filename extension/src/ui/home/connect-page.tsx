/** Connects an account of a backup again: the set-up, with the link that the backup brought. */
import { FailureNotice } from "../components/notice.tsx";
import { t } from "../i18n.ts";
import { useRequest } from "../request.ts";
import { Loading } from "./loading.tsx";
import { SetupPage } from "./setup.tsx";

export function ConnectPage({ accountKey }: { readonly accountKey: string }) {
  // Once read, the link stays: when the account is connected there is none any more.
  const followed = useRequest("recoveryLink", { accountKey });
  if (followed.value !== null) return <SetupPage link={followed.value.link} />;
  if (followed.failure === null) return <Loading followed={followed} title={t("connect_start")} />;
  return (
    <>
      <h1 tabIndex={-1}>{t("connect_start")}</h1>
      <FailureNotice failure={followed.failure} />
    </>
  );
}
