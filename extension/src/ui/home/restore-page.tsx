/** Restoring a backup: the file and its passphrase, what is inside, and what was new. */
import { useEffect, useRef, useState } from "preact/hooks";
import type { RestoreResult } from "../../cts/backup/apply.ts";
import { PassphraseField } from "../backup/passphrase-field.tsx";
import { useWork } from "../backup/use-work.ts";
import { type ReadBackup, readBackup } from "../backup/wallet-file.ts";
import { ContentsList, WorkNotice } from "../backup/work-notice.tsx";
import { Button, LinkButton } from "../components/button.tsx";
import { Field } from "../components/field.tsx";
import { FailureNotice } from "../components/notice.tsx";
import { Slip, SlipPart } from "../components/slip.tsx";
import { formatDate } from "../format.ts";
import { language, t } from "../i18n.ts";
import { backupDeps } from "../platform.ts";
import { BackLink } from "./back-link.tsx";
import { href } from "./router.ts";
import { Unconnected } from "./unconnected.tsx";

type Step =
  | { readonly name: "file" }
  | { readonly name: "inside"; readonly backup: ReadBackup }
  | { readonly name: "done"; readonly result: RestoreResult };

export function RestorePage() {
  const [step, setStep] = useState<Step>({ name: "file" });
  return (
    <>
      <BackLink to={{ name: "settings" }} label={t("nav_settings")} />
      {step.name === "file" && (
        <ChooseFile onOpened={(backup) => setStep({ name: "inside", backup })} />
      )}
      {step.name === "inside" && (
        <Inside
          backup={step.backup}
          onOther={() => setStep({ name: "file" })}
          onDone={(result) => setStep({ name: "done", result })}
        />
      )}
      {step.name === "done" && <Done result={step.result} />}
    </>
  );
}

function ChooseFile({ onOpened }: { readonly onOpened: (backup: ReadBackup) => void }) {
  const [file, setFile] = useState<File | null>(null);
  const [passphrase, setPassphrase] = useState("");
  const [shown, setShown] = useState(false);
  const [asked, setAsked] = useState(false);
  const work = useWork();
  const open = () => {
    setAsked(true);
    if (file === null || passphrase.trim() === "") return;
    work.run((tell) => readBackup(backupDeps, file, passphrase, tell), onOpened);
  };
  return (
    <form
      class="stack"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        open();
      }}
    >
      <Slip>
        <SlipPart>
          <h1 tabIndex={-1}>{t("backup_restore")}</h1>
          <Field
            label={t("restore_file")}
            hint={t("restore_file_hint")}
            error={asked && file === null ? t("restore_file_missing") : null}
          >
            {(wiring) => (
              <input
                {...wiring}
                class="input"
                type="file"
                name="backup-file"
                accept=".chitbackup"
                required
                onChange={(event) => setFile(event.currentTarget.files?.[0] ?? null)}
              />
            )}
          </Field>
          <PassphraseField
            label={t("passphrase_label")}
            name="passphrase"
            value={passphrase}
            shown={shown}
            onShown={setShown}
            error={asked && passphrase.trim() === "" ? t("passphrase_missing") : null}
            onInput={setPassphrase}
          />
        </SlipPart>
        <SlipPart>
          {work.failure && <FailureNotice failure={work.failure} />}
          {work.progress && <WorkNotice progress={work.progress} />}
          <Button submit look="primary" wide large busy={work.progress !== null}>
            {t("restore_open")}
          </Button>
        </SlipPart>
      </Slip>
    </form>
  );
}

interface InsideProps {
  readonly backup: ReadBackup;
  readonly onOther: () => void;
  readonly onDone: (result: RestoreResult) => void;
}

function Inside({ backup, onOther, onDone }: InsideProps) {
  const work = useWork();
  const heading = useFocused();
  return (
    <Slip>
      <SlipPart>
        <h1 tabIndex={-1} ref={heading}>
          {t("restore_inside_title")}
        </h1>
        <p class="soft">
          {t("backup_made_at", { time: formatDate(language(), backup.inside.createdAt) })}
        </p>
        <ContentsList contents={backup.inside} />
        <p class="small soft">{t("restore_keeps")}</p>
      </SlipPart>
      <SlipPart>
        {work.failure && <FailureNotice failure={work.failure} />}
        {work.progress && <WorkNotice progress={work.progress} />}
        <div class="stack-tight">
          <Button
            look="primary"
            wide
            large
            busy={work.progress !== null}
            onClick={() => work.run((tell) => backup.restore(tell), onDone)}
          >
            {t("restore_start")}
          </Button>
          <Button look="quiet" wide busy={work.progress !== null} onClick={onOther}>
            {t("restore_other_file")}
          </Button>
        </div>
      </SlipPart>
    </Slip>
  );
}

function Done({ result }: { readonly result: RestoreResult }) {
  const heading = useFocused();
  const nothing = Object.values(result).every((count) => count === 0);
  return (
    <>
      <Slip>
        <SlipPart>
          <h1 class="shop-name" tabIndex={-1} ref={heading}>
            {t("restore_done_title")}
          </h1>
          <p>{t(nothing ? "restore_done_nothing" : "restore_done_added")}</p>
          <ContentsList contents={{ ...result, goodsBytes: 0 }} />
        </SlipPart>
        <SlipPart>
          <LinkButton href={href({ name: "history" })} icon="list" wide>
            {t("restore_to_history")}
          </LinkButton>
        </SlipPart>
      </Slip>
      <Unconnected />
    </>
  );
}

/** The heading gets the focus when its screen comes. */
function useFocused() {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    heading.current?.focus();
  }, []);
  return heading;
}
