/** What the toolbar's popup shows instead of a screen that needs a tab. */
import { LinkButton } from "../components/button.tsx";
import { t } from "../i18n.ts";
import { href, type Route } from "./router.ts";

export function InTab({ route }: { readonly route: Route }) {
  return (
    <>
      <h1 tabIndex={-1}>{t("backup_title")}</h1>
      <p>{t("backup_needs_tab")}</p>
      <LinkButton href={`home.html${href(route)}`} away look="primary" icon="open">
        {t("open_in_tab")}
      </LinkButton>
    </>
  );
}
