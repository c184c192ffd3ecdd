/** The way from a payment that lacks money to where it comes from, in a tab: this window stays where it is. */
import { HOME_PAGE } from "../../messages.ts";
import { href } from "../home/router.ts";
import { t } from "../i18n.ts";
import { LinkButton } from "./button.tsx";

export function AddMoney({ accountKey }: { readonly accountKey: string }) {
  return (
    <LinkButton href={`${HOME_PAGE}${href({ name: "funding", accountKey })}`} away icon="plus">
      {t("funding_title")}
    </LinkButton>
  );
}
