/** Somebody else is to pay: the link and its code to hand on, and what becomes of it. */
import type { PurchaseView } from "../../messages.ts";
import { Button } from "../components/button.tsx";
import { Lines } from "../components/lines.tsx";
import { LinkToCopy } from "../components/link-to-copy.tsx";
import { FailureNotice, Notice } from "../components/notice.tsx";
import { QrCode } from "../components/qr-code.tsx";
import { Shop, Slip, SlipPart, Total } from "../components/slip.tsx";
import { Technical } from "../components/technical.tsx";
import { formatTime } from "../format.ts";
import { useNow } from "../hooks.ts";
import { language, t } from "../i18n.ts";
import { canShare, shareLink } from "../platform.ts";
import { request, useAction } from "../request.ts";
import { useAsking } from "../watch.ts";

interface SharedScreenProps {
  readonly purchase: PurchaseView;
  readonly onValue: (purchase: PurchaseView) => void;
}

export function SharedScreen({ purchase, onValue }: SharedScreenProps) {
  const now = useNow(5);
  const { purchaseId } = purchase;
  const expired = now > purchase.expiresAt;
  // As long as somebody looks, the shop is asked often; else the background does, with growing pauses.
  useAsking(true, async () => {
    const reply = await request("resume", { purchaseId });
    return reply.ok ? null : reply.failure;
  });
  return (
    <>
      <Slip>
        <SlipPart>
          <Shop purchase={purchase} operator={null} intro="shared_at" />
          <Lines purchase={purchase} />
          <Total purchase={purchase} />
        </SlipPart>
        {!expired && purchase.payLink !== null && (
          <SlipPart>
            <Link link={purchase.payLink} shop={purchase.shopName} />
          </SlipPart>
        )}
      </Slip>
      <Notice
        icon="clock"
        title={t(expired ? "shared_expired" : "shared_waiting")}
        tone={expired ? "attention" : "info"}
      >
        <p>
          {expired
            ? t("shared_expired_text")
            : t("shared_until", { time: formatTime(language(), purchase.expiresAt, now) })}
        </p>
        {!expired && <p class="small">{t("shared_goods_yours")}</p>}
      </Notice>
      <p role="status" class="only-heard">
        {t(expired ? "shared_expired" : "shared_waiting")}
      </p>
      <Ways purchase={purchase} expired={expired} onValue={onValue} />
      <Technical purchase={purchase} />
    </>
  );
}

function Link({ link, shop }: { readonly link: string; readonly shop: string }) {
  return (
    <>
      <div>
        <h2>{t("shared_title")}</h2>
        <p>{t("shared_text")}</p>
      </div>
      <QrCode text={link} label={t("shared_code")} />
      <LinkToCopy label={t("shared_link")} link={link} rows={3}>
        {canShare(link) && (
          <Button onClick={() => void shareLink(link, t("shared_message", { shop }))}>
            {t("share")}
          </Button>
        )}
      </LinkToCopy>
    </>
  );
}

interface WaysProps extends SharedScreenProps {
  readonly expired: boolean;
}

/** What can be done meanwhile: pay after all, call it off, or leave it be. */
function Ways({ purchase, expired, onValue }: WaysProps) {
  const action = useAction();
  const { purchaseId } = purchase;
  return (
    <div class="stack-tight">
      {action.failure && (
        <FailureNotice failure={action.failure}>
          {action.failure.code === "shop-unreachable" && <p>{t("shared_still_open")}</p>}
        </FailureNotice>
      )}
      {!expired && (
        <Button
          wide
          busy={action.busy}
          onClick={() => void action.run("payMyself", { purchaseId }, onValue)}
        >
          {t("shared_pay_myself")}
        </Button>
      )}
      <Button
        look="quiet"
        wide
        busy={action.busy}
        onClick={() => void action.run("decline", { purchaseId }, onValue)}
      >
        {t("shared_call_off")}
      </Button>
      <p class="small soft centred">{t("shared_can_close")}</p>
    </div>
  );
}
