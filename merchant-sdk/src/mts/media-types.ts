/** Media types of the files that shops sell most; anything else is told with `mediaType`. */
const BY_EXTENSION: ReadonlyMap<string, string> = new Map([
  ["epub", "application/epub+zip"],
  ["pdf", "application/pdf"],
  ["zip", "application/zip"],
  ["json", "application/json"],
  ["txt", "text/plain"],
  ["md", "text/markdown"],
  ["csv", "text/csv"],
  ["html", "text/html"],
  ["jpg", "image/jpeg"],
  ["jpeg", "image/jpeg"],
  ["png", "image/png"],
  ["webp", "image/webp"],
  ["avif", "image/avif"],
  ["gif", "image/gif"],
  ["svg", "image/svg+xml"],
  ["mp3", "audio/mpeg"],
  ["m4a", "audio/mp4"],
  ["ogg", "audio/ogg"],
  ["flac", "audio/flac"],
  ["wav", "audio/wav"],
  ["mp4", "video/mp4"],
  ["webm", "video/webm"],
]);

/** The media type that a file's name suggests. */
export function mediaTypeOf(filename: string): string {
  const extension = filename.slice(filename.lastIndexOf(".") + 1).toLowerCase();
  return BY_EXTENSION.get(extension) ?? "application/octet-stream";
}

/** The usual ending, with its dot, of a media type; `.bin` when none is known. */
export function endingOf(mediaType: string): string {
  const plain = mediaType.split(";")[0]?.trim();
  for (const [extension, type] of BY_EXTENSION) if (type === plain) return `.${extension}`;
  return ".bin";
}
