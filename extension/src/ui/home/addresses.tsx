/** The saved addresses: add, change, delete. */
import { useRef, useState } from "preact/hooks";
import type { SavedAddress } from "../../messages.ts";
import { AddressForm, focusFirstError } from "../components/address-form.tsx";
import { Button } from "../components/button.tsx";
import { FailureNotice } from "../components/notice.tsx";
import { language, t } from "../i18n.ts";
import { browserLanguage } from "../platform.ts";
import {
  type AddressErrors,
  addressLines,
  draftOf,
  emptyDraft,
  readDraft,
} from "../present/address.ts";
import { countryNames, likelyCountry } from "../present/countries.ts";
import { useAction, useRequest } from "../request.ts";
import { ConfirmAction } from "./confirm-action.tsx";
import { Loading } from "./loading.tsx";

export function AddressesPage() {
  const followed = useRequest("addresses", {});
  /** Id of the address in the form; null is a new one; undefined: no form. */
  const [editing, setEditing] = useState<string | null | undefined>(undefined);
  const [said, setSaid] = useState("");
  const done = () => {
    setEditing(undefined);
    setSaid(t("address_saved"));
    followed.again();
  };
  return (
    <>
      <h1 tabIndex={-1}>{t("addresses_title")}</h1>
      <p class="soft">{t("addresses_intro")}</p>
      <p role="status" class="only-heard">
        {said}
      </p>
      {followed.value === null && <Loading followed={followed} />}
      {followed.value?.length === 0 && editing === undefined && (
        <p class="soft">{t("addresses_none")}</p>
      )}
      {followed.value?.map((saved) =>
        saved.addressId === editing ? (
          <Editor
            key={saved.addressId}
            saved={saved}
            onDone={done}
            onCancel={() => setEditing(undefined)}
          />
        ) : (
          <Saved
            key={saved.addressId}
            saved={saved}
            onEdit={() => setEditing(saved.addressId)}
            onDeleted={followed.again}
          />
        ),
      )}
      {editing === null ? (
        <Editor saved={null} onDone={done} onCancel={() => setEditing(undefined)} />
      ) : (
        <Button icon="plus" wide onClick={() => setEditing(null)}>
          {t("address_add")}
        </Button>
      )}
    </>
  );
}

interface SavedProps {
  readonly saved: SavedAddress;
  readonly onEdit: () => void;
  readonly onDeleted: () => void;
}

function Saved({ saved, onEdit, onDeleted }: SavedProps) {
  const remove = useAction();
  const { name } = saved.address;
  return (
    <article class="sheet stack-tight">
      <address class="plain-address">
        {addressLines(saved.address, countryNames(language())).map((line, index) => (
          <span key={line} class={index === 0 ? "address-line strong" : "address-line"}>
            <bdi>{line}</bdi>
          </span>
        ))}
      </address>
      <div class="row">
        <Button look="quiet" label={t("address_edit_named", { name })} onClick={onEdit}>
          {t("edit")}
        </Button>
        <ConfirmAction
          label={t("delete")}
          heard={t("address_delete_named", { name })}
          question={t("address_delete_sure")}
          confirm={t("delete")}
          action={remove}
          onConfirm={() => {
            void remove.run("deleteAddress", { addressId: saved.addressId }, onDeleted);
          }}
        />
      </div>
    </article>
  );
}

interface EditorProps {
  readonly saved: SavedAddress | null;
  readonly onDone: () => void;
  readonly onCancel: () => void;
}

function Editor({ saved, onDone, onCancel }: EditorProps) {
  const [draft, setDraft] = useState(
    saved === null ? emptyDraft(likelyCountry(browserLanguage())) : draftOf(saved.address),
  );
  const [errors, setErrors] = useState<AddressErrors>({});
  const action = useAction();
  const form = useRef<HTMLFormElement>(null);
  return (
    <form
      ref={form}
      class="sheet stack"
      noValidate
      aria-label={t(saved === null ? "address_add" : "address_edit_title")}
      onSubmit={(event) => {
        event.preventDefault();
        const read = readDraft(draft);
        setErrors(read.ok ? {} : read.errors);
        if (read.ok) {
          const addressId = saved?.addressId ?? null;
          void action.run("saveAddress", { addressId, address: read.address }, onDone);
        } else if (form.current !== null) {
          focusFirstError(form.current);
        }
      }}
    >
      <h2>{t(saved === null ? "address_add" : "address_edit_title")}</h2>
      <AddressForm draft={draft} errors={errors} onInput={setDraft} />
      {action.failure && <FailureNotice failure={action.failure} />}
      <div class="row">
        <Button submit look="primary" busy={action.busy}>
          {t("save")}
        </Button>
        <Button onClick={onCancel}>{t("cancel")}</Button>
      </div>
    </form>
  );
}
