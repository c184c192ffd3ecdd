/** The slim list of what happens after Pay, read out as it goes. */
import type { PurchaseView } from "../../messages.ts";
import type { PlainKey } from "../i18n.ts";
import { t } from "../i18n.ts";
import { currentStage, type StageState, stages } from "../present/progress.ts";
import { Icon } from "./icon.tsx";

const STATE_WORDS: Record<StageState, PlainKey> = {
  done: "state_done",
  now: "state_now",
  waiting: "state_waiting",
  later: "state_later",
  stopped: "state_stopped",
};

export function Progress({ purchase }: { readonly purchase: PurchaseView }) {
  const list = stages(purchase);
  const current = currentStage(list);
  return (
    <>
      <ol class="progress">
        {list.map((stage) => (
          <li
            key={stage.steps}
            class={`stage stage-${stage.state}`}
            aria-current={stage.state === "now" || stage.state === "waiting" ? "step" : undefined}
            title={t("protocol_steps", { steps: stage.steps })}
          >
            <span class="stage-mark">
              {stage.state === "done" && <Icon name="check" />}
              {stage.state === "waiting" && <Icon name="clock" />}
              {stage.state === "stopped" && <Icon name="alert" />}
            </span>
            <span>{t(stage.label)}</span>
            <span class="only-heard">({t(STATE_WORDS[stage.state])})</span>
          </li>
        ))}
      </ol>
      <p class="only-heard" role="status">
        {current && t(current.label)}
      </p>
    </>
  );
}
