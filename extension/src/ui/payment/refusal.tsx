/** A page's offer that the wallet refused before there was anything to confirm. */
import type { RefusalView } from "../../messages.ts";
import { Button } from "../components/button.tsx";
import { FailureDetails, FailureNotice } from "../components/notice.tsx";
import { Outcome } from "../components/outcome.tsx";
import { formatOrigin } from "../format.ts";
import { useEscape, useTitle } from "../hooks.ts";
import { t } from "../i18n.ts";
import { failureWords } from "../present/failures.ts";
import { useRequest } from "../request.ts";
import { Frame } from "./frame.tsx";
import { useWanted, WantedBody, wantedTitle } from "./no-account.tsx";

export function RefusalApp({ refusalId }: { readonly refusalId: string }) {
  const { value, failure } = useRequest("refusal", { refusalId });
  useTitle(t("window_title_not_paid"));
  useEscape(() => window.close());
  if (value === null) {
    return (
      <Frame>
        {failure ? <FailureNotice failure={failure} /> : <p role="status">{t("loading")}</p>}
      </Frame>
    );
  }
  const { code } = value.failure;
  return (
    <Frame>
      {code === "no-account" || code === "issuer-not-accepted" ? (
        <Wanted refusal={value} />
      ) : (
        <Refused refusal={value} />
      )}
    </Frame>
  );
}

interface RefusalProps {
  readonly refusal: RefusalView;
}

/** Something is wrong with the offer. */
function Refused({ refusal }: RefusalProps) {
  const words = failureWords(refusal.failure);
  return (
    <>
      <Outcome tone="bad" title={t(words.title)} context={context(refusal)}>
        <p>{t(words.text)}</p>
        <p>
          <strong>{t("nothing_was_paid")}</strong>
        </p>
        <FailureDetails failure={refusal.failure} />
      </Outcome>
      <Button look="primary" wide large onClick={() => window.close()}>
        {t("close")}
      </Button>
    </>
  );
}

/** Nothing is wrong with the offer: the wallet has no account for it. */
function Wanted({ refusal }: RefusalProps) {
  const wanted = useWanted();
  if (wanted === null) return <p role="status">{t("loading")}</p>;
  return (
    <>
      <Outcome tone="quiet" title={wantedTitle(wanted)} context={context(refusal)}>
        <WantedBody wanted={wanted} issuers={refusal.issuers} />
        <FailureDetails failure={refusal.failure} />
      </Outcome>
      <Button wide onClick={() => window.close()}>
        {t("close")}
      </Button>
    </>
  );
}

function context(refusal: RefusalView): string {
  return t("refusal_from", { host: formatOrigin(refusal.origin) });
}
