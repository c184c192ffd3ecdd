/** Why an account cannot pay, and the way out: mostly the telephone. What the call brings about, it notices by itself. */
import { useEffect, useRef, useState } from "preact/hooks";
import type { AccountCondition, AccountView } from "../../messages.ts";
import { type PlainKey, t } from "../i18n.ts";
import {
  type ConditionNotice,
  conditionWords,
  readyWords,
  waitsForOperator,
} from "../present/accounts.ts";
import { useAction } from "../request.ts";
import { useAccountWatch } from "../watch.ts";
import { Button, LinkButton } from "./button.tsx";
import { CheckNumber } from "./check-number.tsx";
import { DriftSteps } from "./drift-steps.tsx";
import { FailureNotice, Notice } from "./notice.tsx";
import { Telephone } from "./telephone.tsx";

interface AccountNoticeProps {
  readonly account: AccountView;
  readonly onChange: () => void;
}

/**
 * The notice while the account cannot pay. It stays on the page when the account can: then it says so, also to
 * those who do not see it change.
 */
export function AccountNotice({ account, onChange }: AccountNoticeProps) {
  const { notice } = conditionWords(account.condition);
  const news = useNews(account.condition);
  return (
    <>
      <p role="status" class="only-heard">
        {news !== null && t(news)}
      </p>
      {news !== null && (
        <Notice tone="good">
          <p>{t(news)}</p>
        </Notice>
      )}
      {notice !== null && <Obstacle account={account} notice={notice} onChange={onChange} />}
    </>
  );
}

/** What has become better since this was first shown; null where nothing has. */
function useNews(condition: AccountCondition): PlainKey | null {
  const before = useRef(condition);
  const [news, setNews] = useState<PlainKey | null>(null);
  useEffect(() => {
    if (before.current === condition) return;
    setNews(readyWords(before.current, condition));
    before.current = condition;
  }, [condition]);
  return news;
}

interface ObstacleProps extends AccountNoticeProps {
  readonly notice: ConditionNotice;
}

function Obstacle({ account, notice, onChange }: ObstacleProps) {
  const { tone } = conditionWords(account.condition);
  return (
    <Notice tone={tone === "bad" ? "bad" : "attention"}>
      <div role="alert" class="stack-tight">
        <h2>{t(notice.title)}</h2>
        <p>{t(notice.text)}</p>
      </div>
      {account.drift === null ? (
        <CallSteps account={account} notice={notice} />
      ) : (
        <DriftSteps account={account} drift={account.drift} onChange={onChange} />
      )}
      {account.condition === "device-revoked" && (
        <LinkButton href="home.html#/setup" away>
          {t("set_up_anew")}
        </LinkButton>
      )}
      <AwaitCall account={account} onChange={onChange} />
    </Notice>
  );
}

interface CallStepsProps {
  readonly account: AccountView;
  readonly notice: ConditionNotice;
}

/** The number to call, and what to do there and afterwards. */
export function CallSteps({ account, notice }: CallStepsProps) {
  return (
    <>
      <Telephone account={account} />
      <ol class="call-steps">
        {notice.steps.map((step) => (
          <li key={step}>
            {t(step)}
            {step === "call_step_first_pin" && <CheckNumber account={account} />}
          </li>
        ))}
      </ol>
    </>
  );
}

/** Asks the operator until the call has brought something about; the button is for those who cannot wait. */
export function AwaitCall({ account, onChange }: AccountNoticeProps) {
  const waiting = waitsForOperator(account);
  const silent = useAccountWatch(waiting, account.accountKey, onChange);
  const refresh = useAction();
  if (!waiting) return null;
  return (
    <>
      <p class="small soft" role="status">
        {t(silent === null ? "call_waiting" : "call_waiting_silent")}
      </p>
      <Button
        icon="refresh"
        busy={refresh.busy}
        onClick={() => {
          void refresh.run("refreshAccount", { accountKey: account.accountKey }, onChange);
        }}
      >
        {t("refresh_status")}
      </Button>
      {refresh.failure && <FailureNotice failure={refresh.failure} />}
    </>
  );
}
