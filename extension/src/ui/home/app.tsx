/** The frame of the home page: name, navigation, and the screen of the route. */
import { useEffect, useState } from "preact/hooks";
import { Icon, type IconName } from "../components/icon.tsx";
import { Wordmark } from "../components/wordmark.tsx";
import { useHeadingFocus, useTitle } from "../hooks.ts";
import { type PlainKey, t } from "../i18n.ts";
import { AccountPage } from "./account-page.tsx";
import { AddressesPage } from "./addresses.tsx";
import { BackupPage } from "./backup-page.tsx";
import { ConnectPage } from "./connect-page.tsx";
import { DevicesPage } from "./devices-page.tsx";
import { FundingPage } from "./funding-page.tsx";
import { HistoryPage } from "./history.tsx";
import { InTab } from "./in-tab.tsx";
import { OverviewPage } from "./overview.tsx";
import { PurchasePage } from "./purchase-page.tsx";
import { RefundPage } from "./refund-page.tsx";
import { RestorePage } from "./restore-page.tsx";
import { href, parseRoute, type Route } from "./router.ts";
import { SettingsPage } from "./settings.tsx";
import { SetupPage } from "./setup.tsx";
import { StatementPage } from "./statement-page.tsx";
import { StatementsPage } from "./statements-page.tsx";

const TABS: readonly { route: Route; label: PlainKey; icon: IconName; of: Route["name"][] }[] = [
  {
    route: { name: "home" },
    label: "nav_home",
    icon: "home",
    of: ["home", "account", "devices", "statements", "statement", "funding", "setup", "connect"],
  },
  {
    route: { name: "history" },
    label: "nav_history",
    icon: "list",
    of: ["history", "purchase", "refund"],
  },
  { route: { name: "addresses" }, label: "nav_addresses", icon: "pin", of: ["addresses"] },
  {
    route: { name: "settings" },
    label: "nav_settings",
    icon: "settings",
    of: ["settings", "backup", "restore"],
  },
];

export function HomeApp({ popup }: { readonly popup: boolean }) {
  const [fragment, setFragment] = useState(location.hash);
  useEffect(() => {
    const follow = () => setFragment(location.hash);
    window.addEventListener("hashchange", follow);
    return () => window.removeEventListener("hashchange", follow);
  }, []);
  const route = parseRoute(fragment);
  const mainRef = useHeadingFocus(fragment);
  useTitle(t("window_title_home"));

  return (
    <div class="home">
      <button type="button" class="skip" onClick={() => mainRef.current?.focus()}>
        {t("skip_to_content")}
      </button>
      <header class="home-head">
        <a class="wordmark" href={href({ name: "home" })}>
          <Wordmark />
        </a>
        {popup && (
          <a
            class="small"
            href={`home.html${fragment}`}
            target="_blank"
            rel="noopener"
            onClick={() => setTimeout(() => window.close())}
          >
            {t("open_in_tab")}
          </a>
        )}
      </header>
      <nav class="tabs" aria-label={t("nav_label")}>
        {TABS.map((tab) => (
          <a
            key={tab.label}
            class="tab"
            href={href(tab.route)}
            aria-current={tab.of.includes(route.name) ? "page" : undefined}
          >
            <Icon name={tab.icon} />
            <span>{t(tab.label)}</span>
          </a>
        ))}
      </nav>
      <main class="home-main stack" id="content" tabIndex={-1} ref={mainRef}>
        <Screen key={fragment} route={route} popup={popup} />
      </main>
    </div>
  );
}

function Screen({ route, popup }: { readonly route: Route; readonly popup: boolean }) {
  switch (route.name) {
    case "home":
      return <OverviewPage popup={popup} />;
    case "setup":
      return <SetupPage link={route.link} />;
    case "history":
      return <HistoryPage />;
    case "purchase":
      return <PurchasePage purchaseId={route.purchaseId} />;
    case "refund":
      return <RefundPage purchaseId={route.purchaseId} />;
    case "account":
      return <AccountPage accountKey={route.accountKey} />;
    case "devices":
      return <DevicesPage accountKey={route.accountKey} popup={popup} />;
    case "statements":
      return <StatementsPage accountKey={route.accountKey} />;
    case "statement":
      return <StatementPage accountKey={route.accountKey} month={route.month} popup={popup} />;
    case "funding":
      return <FundingPage accountKey={route.accountKey} />;
    case "addresses":
      return <AddressesPage />;
    case "settings":
      return <SettingsPage />;
    case "backup":
      return popup ? <InTab route={route} /> : <BackupPage />;
    case "restore":
      return popup ? <InTab route={route} /> : <RestorePage />;
    case "connect":
      return <ConnectPage accountKey={route.accountKey} />;
  }
}
