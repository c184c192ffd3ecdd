/** Pay was pressed: what happens, as it happens, and what it waits for. */
import type { FailureView, PurchaseView } from "../../messages.ts";
import { Button } from "../components/button.tsx";
import { Progress } from "../components/progress.tsx";
import { Shop, Slip, SlipPart, Total } from "../components/slip.tsx";
import { Technical } from "../components/technical.tsx";
import { Waiting } from "../components/waiting.tsx";
import { t } from "../i18n.ts";
import { isPaid, isUnasked } from "../present/purchase.ts";

interface ProgressScreenProps {
  readonly purchase: PurchaseView;
  readonly waiting: FailureView | null;
  readonly onValue: (purchase: PurchaseView) => void;
  readonly onDecline: () => void;
}

export function ProgressScreen({ purchase, waiting, onValue, onDecline }: ProgressScreenProps) {
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
      {waiting && isUnasked(purchase.state) && (
        <Button look="quiet" wide onClick={onDecline}>
          {t("decline")}
        </Button>
      )}
      <Technical purchase={purchase} />
    </>
  );
}
