/** Files that leave the wallet: saved among the downloads, or opened in a tab. */

/** Long enough for the browser to begin reading; the file itself stays where it is. */
const KEEP_URL_MS = 60_000;

/** Saves a file among the downloads. */
export function saveFile(file: Blob, filename: string): void {
  // As octets: a browser that opens what it saves does not take it for a page of the wallet.
  follow(file.slice(0, file.size, "application/octet-stream"), (link) => {
    link.download = filename;
  });
}

/** Opens a file in a tab, as what `type` says. */
export function openFile(file: Blob, type: string): void {
  follow(file.slice(0, file.size, type), (link) => {
    link.target = "_blank";
  });
}

function follow(blob: Blob, prepare: (link: HTMLAnchorElement) => void): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  prepare(link);
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), KEEP_URL_MS);
}
