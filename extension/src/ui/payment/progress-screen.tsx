/** Pay was pressed: what happens, as it happens, and what it waits for. */
import type { FailureView, PurchaseView } from "../../messages.ts";
import { Button } from "../components/button.tsx";
import { FailureDetails, FailureNotice, Notice } from "../components/notice.tsx";
import { Progress } from "../components/progress.tsx";
import { Shop, Slip, SlipPart, Total } from "../components/slip.tsx";
import { Technical } from "../components/technical.tsx";
import { t } from "../i18n.ts";
import { isPaid } from "../present/purchase.ts";
import { waitingWords } from "../present/waiting.ts";
import { useAction } from "../request.ts";

interface ProgressScreenProps {
  readonly purchase: PurchaseView;
  readonly waiting: FailureView | null;
  readonly onValue: (purchase: PurchaseView) => void;
}

export function ProgressScreen({ purchase, waiting, onValue }: ProgressScreenProps) {
  return (
    <>
      <Slip>
        <SlipPart>
          <Shop purchase={purchase} operator={null} />
          <Total purchase={purchase} />
        </SlipPart>
        <SlipPart>
          <Progress purchase={purchase} />
        </SlipPart>
      </Slip>
      {waiting && <Waiting purchase={purchase} waiting={waiting} onValue={onValue} />}
      {!waiting && isPaid(purchase) && <p class="small soft centred">{t("can_close")}</p>}
      <Technical purchase={purchase} />
    </>
  );
}

/** What it waits for, in plain words, and the button that does not want to wait. */
export function Waiting({
  purchase,
  waiting,
  onValue,
}: ProgressScreenProps & { waiting: FailureView }) {
  const resume = useAction();
  const words = waitingWords(purchase, waiting);
  return (
    <>
      <Notice tone="attention" icon="clock" title={t(words.title)} alert>
        <p>{t(words.text)}</p>
        <Button
          icon="refresh"
          busy={resume.busy}
          onClick={() => {
            void resume.run("resume", { purchaseId: purchase.purchaseId }, onValue);
          }}
        >
          {t("try_now")}
        </Button>
        <FailureDetails failure={waiting} />
      </Notice>
      {resume.failure && <FailureNotice failure={resume.failure} />}
    </>
  );
}
