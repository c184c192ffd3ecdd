/** Home: what is on the accounts, what needs its owner, what was bought last. */
import { useEffect } from "preact/hooks";
import type { AccountView, OverviewView } from "../../messages.ts";
import { LinkButton } from "../components/button.tsx";
import { Slip, SlipPart } from "../components/slip.tsx";
import { t } from "../i18n.ts";
import mark from "../icons/chit-96.png";
import { nowSeconds } from "../platform.ts";
import { conditionWords } from "../present/accounts.ts";
import { request, useRequest } from "../request.ts";
import { AccountCard } from "./account-card.tsx";
import { Loading } from "./loading.tsx";
import { PurchaseList } from "./purchase-list.tsx";
import { Refusals } from "./refusals.tsx";
import { Returns, useReturns } from "./returns.tsx";
import { href } from "./router.ts";
import { Unconnected } from "./unconnected.tsx";

export function OverviewPage({ popup }: { readonly popup: boolean }) {
  const followed = useRequest("overview", {});
  const { value } = followed;
  if (value === null) return <Loading followed={followed} title={t("nav_home")} />;
  if (value.accounts.length === 0 && value.recent.length === 0) return <Welcome popup={popup} />;
  return <Overview overview={value} onChange={followed.again} />;
}

/** A balance older than this is asked for when somebody looks at it. Seconds. */
const STALE_SECONDS = 300;

/** What was heard of an account that pays may be old: a hold, a payment from another wallet. Asked once a visit. */
function useFreshAccounts(accounts: readonly AccountView[]): void {
  useEffect(() => {
    for (const { accountKey, balanceAt, condition } of accounts) {
      const fresh = balanceAt !== null && nowSeconds() - balanceAt < STALE_SECONDS;
      // Those that cannot pay ask by themselves, as long as they are looked at.
      if (fresh || !conditionWords(condition).pays) continue;
      void request("refreshAccount", { accountKey });
    }
  }, []);
}

function Overview(props: { readonly overview: OverviewView; readonly onChange: () => void }) {
  const { accounts, attention, recent, refusals, returns } = props.overview;
  useFreshAccounts(accounts);
  useReturns(accounts);
  const waiting = new Set(attention.map(({ purchaseId }) => purchaseId));
  const others = recent.filter(({ purchaseId }) => !waiting.has(purchaseId));
  // Accounts that need something come first: nothing can be bought until it is done.
  const sorted = [...accounts].sort(
    (a, b) => Number(conditionWords(a.condition).pays) - Number(conditionWords(b.condition).pays),
  );
  return (
    <>
      <h1 class="only-heard" tabIndex={-1}>
        {t("nav_home")}
      </h1>
      <section class="stack-tight" aria-label={t("home_accounts")}>
        {sorted.map((account) => (
          <AccountCard key={account.accountKey} account={account} onChange={props.onChange} />
        ))}
        {accounts.length === 0 && (
          <LinkButton href={href({ name: "setup", link: "" })} look="primary" icon="plus">
            {t("add_account")}
          </LinkButton>
        )}
        <Unconnected />
      </section>
      <Returns returns={returns} />
      {attention.length > 0 && (
        <section class="stack-tight">
          <h2>{t("home_attention")}</h2>
          <PurchaseList purchases={attention} />
        </section>
      )}
      {refusals.length > 0 && <Refusals refusals={refusals} />}
      {others.length > 0 && (
        <section class="stack-tight">
          <h2>{t("home_recent")}</h2>
          <PurchaseList purchases={others} />
          <LinkButton href={href({ name: "history" })} look="quiet" wide>
            {t("home_all")}
          </LinkButton>
        </section>
      )}
      {recent.length === 0 && (
        <Slip>
          <SlipPart>
            <h2>{t("home_empty_title")}</h2>
            <p class="soft">{t("home_empty_text")}</p>
          </SlipPart>
        </Slip>
      )}
    </>
  );
}

/** The first thing that a new owner sees. From the popup it leads into a tab: a popup goes when it loses focus. */
function Welcome({ popup }: { readonly popup: boolean }) {
  const setup = href({ name: "setup", link: "" });
  const restore = href({ name: "restore" });
  return (
    <Slip>
      <SlipPart>
        <img src={mark} alt="" width="64" height="64" />
        <h1 class="shop-name" tabIndex={-1}>
          {t("setup_title")}
        </h1>
        <p>{t("setup_intro")}</p>
      </SlipPart>
      <SlipPart>
        <LinkButton
          href={popup ? `home.html${setup}` : setup}
          away={popup}
          look="primary"
          large
          wide
        >
          {t("setup_start")}
        </LinkButton>
        <LinkButton href={popup ? `home.html${restore}` : restore} away={popup} look="quiet" wide>
          {t("setup_have_backup")}
        </LinkButton>
      </SlipPart>
    </Slip>
  );
}
