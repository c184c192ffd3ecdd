/** A page's offer that the wallet refused before there was anything to confirm. */
import { Button } from "../components/button.tsx";
import { FailureDetails, FailureNotice } from "../components/notice.tsx";
import { Outcome } from "../components/outcome.tsx";
import { formatOrigin } from "../format.ts";
import { useEscape, useTitle } from "../hooks.ts";
import { t } from "../i18n.ts";
import { failureWords } from "../present/failures.ts";
import { useRequest } from "../request.ts";
import { Frame } from "./frame.tsx";
import { AccountWanted } from "./no-account.tsx";

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
  const words = failureWords(value.failure);
  const wanting =
    value.failure.code === "no-account" || value.failure.code === "issuer-not-accepted";
  return (
    <Frame>
      <Outcome
        tone={wanting ? "quiet" : "bad"}
        title={t(words.title)}
        context={t("refusal_from", { host: formatOrigin(value.origin) })}
      >
        <p>{t(words.text)}</p>
        {!wanting && (
          <p>
            <strong>{t("nothing_was_paid")}</strong>
          </p>
        )}
        <FailureDetails failure={value.failure} />
      </Outcome>
      {wanting && <AccountWanted issuers={value.issuers} />}
      <Button look={wanting ? "plain" : "primary"} wide large onClick={() => window.close()}>
        {t("close")}
      </Button>
    </Frame>
  );
}
