/** What stands there until the first answer has come, or when it does not come. */
import { Button } from "../components/button.tsx";
import { FailureNotice } from "../components/notice.tsx";
import { t } from "../i18n.ts";
import type { Followed } from "../request.ts";

export function Loading({
  followed,
}: {
  readonly followed: Pick<Followed<unknown>, "failure" | "again">;
}) {
  if (followed.failure === null) {
    return (
      <p class="soft" role="status">
        {t("loading")}
      </p>
    );
  }
  return (
    <>
      <FailureNotice failure={followed.failure} />
      <Button icon="refresh" onClick={followed.again}>
        {t("try_again")}
      </Button>
    </>
  );
}
