/** Digital goods on a receipt: saved, opened, or shown on the shop's page. From the wallet's own copy. */
import { useEffect, useState } from "preact/hooks";
import { readGoods } from "../../goods-copy.ts";
import type { GoodsView, PurchaseView } from "../../messages.ts";
import { openFile, saveFile } from "../files.ts";
import { formatSize } from "../format.ts";
import { language, t } from "../i18n.ts";
import { blobType, isPreviewable, isWhole, openableType } from "../present/goods.ts";
import { Button } from "./button.tsx";
import { Icon } from "./icon.tsx";

export function GoodsList({ purchase }: { readonly purchase: PurchaseView }) {
  if (purchase.goods.length === 0) return null;
  return (
    <section aria-labelledby="goods-title" class="stack-tight">
      <h2 id="goods-title">{t("your_goods")}</h2>
      <ul class="goods">
        {purchase.goods.map((goods) => (
          <li key={goods.goodsId} class="goods-item">
            <GoodsItem
              purchaseId={purchase.purchaseId}
              goods={goods}
              arriving={purchase.state !== "complete" && !isWhole(goods)}
            />
          </li>
        ))}
      </ul>
    </section>
  );
}

interface ItemProps {
  readonly purchaseId: string;
  readonly goods: GoodsView;
}

interface GoodsItemProps extends ItemProps {
  /** Some of it is still to come by itself. */
  readonly arriving: boolean;
}

function GoodsItem({ purchaseId, goods, arriving }: GoodsItemProps) {
  const [gone, setGone] = useState(false);
  const type = openableType(goods.mediaType);

  async function use(how: (file: Blob) => void): Promise<void> {
    const file = await readGoods(purchaseId, goods.goodsId);
    if (file === null) setGone(true);
    else how(file);
  }

  return (
    <>
      {goods.stored && isPreviewable(goods.mediaType, goods.size) && (
        <Preview purchaseId={purchaseId} goods={goods} />
      )}
      <div class="goods-head">
        <Icon name="file" />
        <p class="goods-name">
          <bdi>{goods.name}</bdi>
          <br />
          <span class="small soft">{sizeText(goods, arriving)}</span>
        </p>
      </div>
      {arriving && <progress max={goods.size} value={goods.received} aria-label={goods.name} />}
      {goods.presentation === "page" && (
        <p class="small tag-line">
          <Icon name="check" /> {t("goods_on_page")}
        </p>
      )}
      {goods.stored && !gone && (
        <div class="row">
          <Button
            icon="download"
            look="primary"
            label={t("goods_save_named", { name: goods.name })}
            onClick={() => void use((file) => saveFile(file, goods.filename))}
          >
            {t("goods_save")}
          </Button>
          {type !== null && (
            <Button
              icon="open"
              look="quiet"
              label={t("goods_open_named", { name: goods.name })}
              onClick={() => void use((file) => openFile(file, blobType(type)))}
            >
              {t("goods_open")}
            </Button>
          )}
        </div>
      )}
      {!arriving && !goods.stored && goods.presentation === "save" && (
        <p class="small soft">{t("goods_not_kept")}</p>
      )}
      <p role="status" class="small">
        {gone && t("goods_no_longer")}
      </p>
    </>
  );
}

function sizeText(goods: GoodsView, arriving: boolean): string {
  const size = formatSize(language(), goods.size);
  if (!arriving) return size;
  return t("goods_arriving", { received: formatSize(language(), goods.received), size });
}

/** A picture that was bought, small, on its receipt. */
function Preview({ purchaseId, goods }: ItemProps) {
  const [url, setUrl] = useState<string | null>(null);
  const type = openableType(goods.mediaType);
  useEffect(() => {
    let made: string | null = null;
    let left = false;
    void readGoods(purchaseId, goods.goodsId).then((file) => {
      if (file === null || type === null || left) return;
      made = URL.createObjectURL(file.slice(0, file.size, type));
      setUrl(made);
    });
    return () => {
      left = true;
      if (made !== null) URL.revokeObjectURL(made);
    };
  }, [purchaseId, goods.goodsId, type]);
  if (url === null) return null;
  return <img class="goods-preview" src={url} alt="" onError={() => setUrl(null)} />;
}
