/** What stands there until the first answer has come, or when it does not come. */
import { Button } from "../components/button.tsx";
import { FailureNotice } from "../components/notice.tsx";
import { t } from "../i18n.ts";
import type { Followed } from "../request.ts";

interface LoadingProps {
  readonly followed: Pick<Followed<unknown>, "failure" | "again">;
  /** Heading of a screen that has none of its own yet. */
  readonly title?: string;
}

export function Loading({ followed, title }: LoadingProps) {
  const heading = title !== undefined && (
    <h1 class="only-heard" tabIndex={-1}>
      {title}
    </h1>
  );
  if (followed.failure === null) {
    return (
      <>
        {heading}
        <p class="soft" role="status">
          {t("loading")}
        </p>
      </>
    );
  }
  return (
    <>
      {heading}
      <FailureNotice failure={followed.failure} />
      <Button icon="refresh" onClick={followed.again}>
        {t("try_again")}
      </Button>
    </>
  );
}
