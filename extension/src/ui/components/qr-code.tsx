/** A QR code (ISO/IEC 18004), drawn as one path: dark on light in every theme, for cameras need that. */
import encodeQR from "qr";

/** Modules of quiet around it, as the standard wants. */
const QUIET = 4;

interface QrCodeProps {
  readonly text: string;
  /** What is heard in its place. */
  readonly label: string;
}

export function QrCode({ text, label }: QrCodeProps) {
  const rows = encodeQR(text, "raw", { ecc: "medium", border: QUIET });
  const path = rows
    .flatMap((row, y) => row.flatMap((dark, x) => (dark ? [`M${x} ${y}h1v1h-1z`] : [])))
    .join("");
  return (
    <svg
      class="qr"
      viewBox={`0 0 ${rows.length} ${rows.length}`}
      shape-rendering="crispEdges"
      role="img"
      aria-label={label}
    >
      <rect width="100%" height="100%" fill="#fff" />
      <path d={path} fill="#000" />
    </svg>
  );
}
