/** Making a backup: what is inside, the passphrase, and the file. */
import { useEffect, useRef, useState } from "preact/hooks";
import type { BackupContentsView } from "../../messages.ts";
import {
  choiceError,
  type PassphraseChoice,
  PassphraseChooser,
  suggestedChoice,
} from "../backup/passphrase-choice.tsx";
import { useWork } from "../backup/use-work.ts";
import { type MadeBackup, makeBackup } from "../backup/wallet-file.ts";
import { ContentsList, WorkNotice } from "../backup/work-notice.tsx";
import { Button, LinkButton } from "../components/button.tsx";
import { FailureNotice, Notice } from "../components/notice.tsx";
import { Slip, SlipPart } from "../components/slip.tsx";
import { saveFile } from "../files.ts";
import { formatSize } from "../format.ts";
import { language, type PlainKey, t } from "../i18n.ts";
import { backupDeps } from "../platform.ts";
import { useRequest } from "../request.ts";
import { BackLink } from "./back-link.tsx";
import { Loading } from "./loading.tsx";
import { href } from "./router.ts";

export function BackupPage() {
  const followed = useRequest("backupContents", {});
  const [made, setMade] = useState<MadeBackup | null>(null);
  return (
    <>
      <BackLink to={{ name: "settings" }} label={t("nav_settings")} />
      {made !== null && <Done made={made} />}
      {made === null && followed.value === null && (
        <Loading followed={followed} title={t("backup_make")} />
      )}
      {made === null && followed.value !== null && (
        <Make contents={followed.value} onMade={setMade} />
      )}
    </>
  );
}

interface MakeProps {
  readonly contents: BackupContentsView;
  readonly onMade: (made: MadeBackup) => void;
}

function Make({ contents, onMade }: MakeProps) {
  const [withGoods, setWithGoods] = useState(false);
  const [choice, setChoice] = useState<PassphraseChoice>(suggestedChoice);
  const [error, setError] = useState<PlainKey | null>(null);
  const work = useWork();
  const { goodsBytes } = contents;
  const start = () => {
    const wrong = choiceError(choice);
    setError(wrong);
    if (wrong !== null) return;
    const options = { withGoods, goodsBytes };
    work.run(
      (tell) => makeBackup(backupDeps, choice.text, options, tell),
      (made) => {
        saveFile(made.file, made.name);
        onMade(made);
      },
    );
  };
  return (
    <form
      class="stack"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        start();
      }}
    >
      <Slip>
        <SlipPart>
          <h1 tabIndex={-1}>{t("backup_make")}</h1>
          <p>{t("backup_intro")}</p>
          <h2>{t("backup_inside")}</h2>
          <ContentsList contents={{ ...contents, goods: 0, goodsBytes: 0 }} />
          {contents.goods > 0 && (
            <label class="choice choice-plain">
              <input
                type="checkbox"
                checked={withGoods}
                onChange={(event) => setWithGoods(event.currentTarget.checked)}
              />
              <span>
                <span class="strong">{t("backup_goods")}</span>
                <br />
                <span class="small soft">
                  {t("backup_goods_hint", { size: formatSize(language(), goodsBytes) })}
                </span>
              </span>
            </label>
          )}
          <p class="small soft">{t("backup_not_inside")}</p>
        </SlipPart>
        <SlipPart>
          <PassphraseChooser
            choice={choice}
            error={error}
            onChange={(next) => {
              setChoice(next);
              setError(null);
            }}
          />
        </SlipPart>
        <SlipPart>
          {work.failure && <FailureNotice failure={work.failure} />}
          {work.progress && <WorkNotice progress={work.progress} />}
          <Button submit look="primary" icon="download" wide large busy={work.progress !== null}>
            {t("backup_start")}
          </Button>
        </SlipPart>
      </Slip>
    </form>
  );
}

function Done({ made }: { readonly made: MadeBackup }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    heading.current?.focus();
  }, []);
  const size = formatSize(language(), made.file.size);
  return (
    <>
      <Slip>
        <SlipPart>
          <h1 class="shop-name" tabIndex={-1} ref={heading}>
            {t("backup_done_title")}
          </h1>
          <p>{t("backup_done_text", { file: made.name, size })}</p>
          <p>{t("backup_done_passphrase")}</p>
        </SlipPart>
        <SlipPart>
          <LinkButton href={href({ name: "home" })} look="primary" wide large>
            {t("setup_done_go")}
          </LinkButton>
        </SlipPart>
      </Slip>
      {made.withoutRecovery.map((operator) => (
        <Notice key={operator} tone="attention" title={t("backup_without_title", { operator })}>
          <p>{t("backup_without_text")}</p>
        </Notice>
      ))}
    </>
  );
}
