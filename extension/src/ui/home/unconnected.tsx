/** Accounts that a backup brought and this computer is not connected to, each with the way to do it. */
import { LinkButton } from "../components/button.tsx";
import { Notice } from "../components/notice.tsx";
import { t } from "../i18n.ts";
import { useRequest } from "../request.ts";
import { href } from "./router.ts";

export function Unconnected() {
  const { value } = useRequest("unconnectedAccounts", {});
  return (
    <>
      {value?.map(({ accountKey, operator, deviceName, recoverable }) => (
        <Notice
          key={accountKey}
          tone="attention"
          icon="phone"
          title={t("connect_title", { operator })}
        >
          {recoverable ? (
            <>
              <p>{t("connect_text", { device: deviceName })}</p>
              <LinkButton href={href({ name: "connect", accountKey })} look="primary">
                {t("connect_start")}
              </LinkButton>
            </>
          ) : (
            <>
              <p>{t("connect_link_text", { operator })}</p>
              <LinkButton href={href({ name: "setup", link: "" })}>{t("connect_link")}</LinkButton>
            </>
          )}
        </Notice>
      ))}
    </>
  );
}
