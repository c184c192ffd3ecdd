/**
 * What may be opened in a tab. A blob's tab runs in the wallet's own origin, so only types that never run
 * anything are opened, and under our own name of the type, never the shop's: no HTML, SVG, XML or XHTML.
 */
const OPENABLE = [
  "text/plain",
  "image/png",
  "image/jpeg",
  "image/gif",
  "image/webp",
  "image/avif",
  "audio/mpeg",
  "audio/ogg",
  "audio/flac",
  "audio/wav",
  "video/mp4",
  "video/webm",
  "application/pdf",
] as const;
type OpenableType = (typeof OPENABLE)[number];

/** The type to open a thing under; null when it may only be saved. Parameters of the type are dropped. */
export function openableType(mediaType: string): OpenableType | null {
  const bare = mediaType.split(";")[0]?.trim().toLowerCase() ?? "";
  return OPENABLE.find((type) => type === bare) ?? null;
}

/** The type that the blob gets: text says which letters it is written in. */
export function blobType(type: OpenableType): string {
  return type === "text/plain" ? "text/plain;charset=utf-8" : type;
}

/** Whether a picture of it can stand on the receipt. Small ones only: it is decoded at once. */
export function isPreviewable(mediaType: string, size: number): boolean {
  return size <= 20_000_000 && (openableType(mediaType)?.startsWith("image/") ?? false);
}

/** Whether all of the bytes are here. */
export function isWhole(goods: { readonly size: number; readonly received: number }): boolean {
  return goods.received >= goods.size;
}
