/**
 * The wallet's copies of goods, which may be larger than memory: they do not travel in messages. The
 * background writes them into the origin's private file system, the wallet's pages read them from there as
 * files, which the browser keeps on disk.
 */

const FOLDER = "goods";

/** Name of one thing's file; both identifiers are base64url. */
export function goodsFileName(purchaseId: string, goodsId: string): string {
  return `${purchaseId}.${goodsId}`;
}

/** The folder of all copies; made when there is none. */
export async function goodsFolder(storage: StorageManager): Promise<FileSystemDirectoryHandle> {
  const root = await storage.getDirectory();
  return root.getDirectoryHandle(FOLDER, { create: true });
}

/** The verified copy of one thing, or null when there is none (any more). */
export async function readGoods(
  storage: StorageManager,
  purchaseId: string,
  goodsId: string,
): Promise<File | null> {
  try {
    const folder = await goodsFolder(storage);
    const handle = await folder.getFileHandle(goodsFileName(purchaseId, goodsId));
    return await handle.getFile();
  } catch (error) {
    if (error instanceof DOMException && error.name === "NotFoundError") return null;
    throw error;
  }
}
