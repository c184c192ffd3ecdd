/** The results as a picture: ratios to the yardstick on a logarithmic scale, times below them. Plain SVG, without script. */
import { EXPECTATIONS, judge, tellExpectation, type Verdict } from "../expectations.ts";
import { figure } from "../figures.ts";
import type { Result } from "../row.ts";

/** The colours of a page that is light, or dark. */
export type Theme = keyof typeof THEMES;

const THEMES = {
  light: {
    paper: "#ffffff",
    ink: "#1f2328",
    faint: "#59636e",
    line: "#d1d9e0",
    held: "#0969da",
    missed: "#bc4c00",
    "not expected": "#818b98",
  },
  dark: {
    paper: "#0d1117",
    ink: "#f0f6fc",
    faint: "#9198a1",
    line: "#3d444d",
    held: "#4493f8",
    missed: "#db8b3a",
    "not expected": "#656c76",
  },
} as const;

const WIDTH = 920;
const LABEL = 168;
const FIGURES = 208;
const BAR = 16;
const STEP = 30;
const HEAD = 46;
const FOOT = 38;

/** One horizontal bar. */
interface Bar {
  readonly name: string;
  readonly figure: number;
  readonly text: string;
  readonly expected: number | undefined;
  readonly verdict: Verdict;
}

/** Bars on one scale. */
interface Panel {
  readonly title: string;
  readonly unit: string;
  readonly bars: readonly Bar[];
  /** Bars begin here; elsewhere they begin at the left. */
  readonly origin: number | undefined;
}

/** The picture; its height follows from the rows. */
export function drawResults(results: readonly Result[], theme: Theme): string {
  const panels = panelsOf(results);
  const colours = THEMES[theme];
  let top = 12;
  const parts: string[] = [];
  for (const panel of panels) {
    parts.push(drawPanel(panel, top, theme));
    top += HEAD + panel.bars.length * STEP + FOOT;
  }
  parts.push(drawLegend(top, theme));
  const height = top + 26;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" font-family="system-ui, 'Segoe UI', Helvetica, Arial, sans-serif" font-size="14">
<title>${asText(summary(panels))}</title>
<rect width="${WIDTH}" height="${height}" fill="${colours.paper}"/>
${parts.join("\n")}
</svg>
`;
}

function panelsOf(results: readonly Result[]): Panel[] {
  const own = results.filter((result) => !isPeer(result));
  const ratios = (of: readonly Result[]) =>
    of.flatMap((one) => (one.ratio === null ? [] : [barOf(one, one.ratio, "ratio")]));
  const times = own.filter(timed).map((result) => barOf(result, result.value, "value"));
  const compared = ratios(own.filter((result) => !timed(result)));
  const peers = ratios(results.filter(isPeer));
  const panels: Panel[] = [
    { title: "Ratio to the yardstick of the same run", unit: "×", bars: compared, origin: 1 },
    { title: "Milliseconds", unit: "ms", bars: times, origin: undefined },
    { title: "Side by side with a peer: ratio to it", unit: "×", bars: peers, origin: 1 },
  ];
  return panels.filter(({ bars }) => bars.length > 0);
}

const isPeer = ({ name }: Result) => name.startsWith("peers.");

/** A time of which something is expected, or that a person would wait for, says more than its ratio. */
function timed({ name, unit }: Result): boolean {
  return EXPECTATIONS.get(name)?.of !== "ratio" && /^ms\b/.test(unit);
}

function barOf(result: Result, size: number, of: "ratio" | "value"): Bar {
  const expectation = EXPECTATIONS.get(result.name);
  const expected = expectation?.of === of ? expectation.figure : undefined;
  const bound = expected === undefined ? "" : `  (${tellExpectation(result)})`;
  return {
    name: result.name,
    figure: size,
    text: `${figure(size)} ${of === "ratio" ? "×" : "ms"}${bound}`,
    expected,
    verdict: judge(result),
  };
}

function drawPanel({ title, unit, bars, origin }: Panel, top: number, theme: Theme): string {
  const colours = THEMES[theme];
  const shown = bars.flatMap((bar) => [bar.figure, bar.expected ?? bar.figure]);
  const { x, ticks } = logarithmic([...shown, ...(origin === undefined ? [] : [origin])]);
  const first = top + HEAD;
  const bottom = first + bars.length * STEP;
  const grid = ticks.map(
    (tick) =>
      `<line x1="${x(tick)}" x2="${x(tick)}" y1="${first - 6}" y2="${bottom}" stroke="${tick === origin ? colours.faint : colours.line}"/>` +
      `<text x="${x(tick)}" y="${bottom + 16}" fill="${colours.faint}" font-size="12" text-anchor="middle">${tick} ${unit}</text>`,
  );
  const rows = bars.map((bar, index) => {
    const y = first + index * STEP;
    const start = origin === undefined ? LABEL : x(origin);
    const [from, to] = [start, x(bar.figure)].toSorted((a, b) => a - b) as [number, number];
    const mark =
      bar.expected === undefined
        ? ""
        : `<line x1="${x(bar.expected)}" x2="${x(bar.expected)}" y1="${y - 3}" y2="${y + BAR + 3}" stroke="${colours.ink}" stroke-width="3"/>`;
    // A ratio near to the yardstick has no bar to speak of.
    const dot =
      origin === undefined
        ? ""
        : `<circle cx="${x(bar.figure)}" cy="${y + BAR / 2}" r="6" fill="${colours[bar.verdict]}" stroke="${colours.paper}" stroke-width="2"/>`;
    return (
      `<text x="${LABEL - 10}" y="${y + 13}" fill="${colours.ink}" text-anchor="end">${asText(bar.name)}</text>` +
      `<rect x="${from}" y="${y}" width="${Math.max(to - from, 2).toFixed(1)}" height="${BAR}" rx="2" fill="${colours[bar.verdict]}"/>${dot}${mark}` +
      `<text x="${WIDTH - FIGURES + 24}" y="${y + 13}" fill="${colours.ink}">${asText(bar.text)}${bar.verdict === "missed" ? " ✗" : ""}</text>`
    );
  });
  return [
    `<text x="${LABEL}" y="${top + 18}" fill="${colours.ink}" font-weight="600">${asText(title)}</text>`,
    ...grid,
    ...rows,
  ].join("\n");
}

/** From below the smallest figure to above the largest, with lines at 1, 2 and 5 of each power of ten. */
function logarithmic(figures: readonly number[]): { x(figure: number): number; ticks: number[] } {
  const positive = figures.filter((one) => one > 0);
  const low = Math.min(...positive) / 1.4;
  const high = Math.max(...positive) * 1.4;
  const powers = Array.from({ length: 16 }, (_, index) => index - 6);
  const all = powers.flatMap((power) => [1, 2, 5].map((digit) => digit * 10 ** power));
  const inside = all.filter((tick) => tick >= low && tick <= high);
  const wide = inside.length > 9;
  const ticks = wide ? inside.filter((tick) => Number.isInteger(Math.log10(tick))) : inside;
  const [from, to] = [Math.log(low), Math.log(high)];
  const room = WIDTH - LABEL - FIGURES;
  const x = (one: number) =>
    Number((LABEL + ((Math.log(Math.max(one, low)) - from) / (to - from)) * room).toFixed(1));
  return { x, ticks: ticks.map((tick) => Number(tick.toPrecision(1))) };
}

function drawLegend(top: number, theme: Theme): string {
  const colours = THEMES[theme];
  const entries: [Verdict, string][] = [
    ["held", "expectation held"],
    ["missed", "missed ✗"],
    ["not expected", "nothing expected"],
  ];
  const boxes = entries.map(
    ([verdict, text], index) =>
      `<rect x="${LABEL + index * 150}" y="${top}" width="12" height="12" rx="2" fill="${colours[verdict]}"/>` +
      `<text x="${LABEL + 18 + index * 150}" y="${top + 11}" fill="${colours.faint}" font-size="12">${text}</text>`,
  );
  const mark =
    `<line x1="${LABEL + 456}" x2="${LABEL + 456}" y1="${top - 2}" y2="${top + 14}" stroke="${colours.ink}" stroke-width="3"/>` +
    `<text x="${LABEL + 466}" y="${top + 11}" fill="${colours.faint}" font-size="12">what is expected</text>`;
  return [...boxes, mark].join("\n");
}

function summary(panels: readonly Panel[]): string {
  return panels
    .map(
      ({ title, bars }) => `${title}: ${bars.map((bar) => `${bar.name} ${bar.text}`).join("; ")}`,
    )
    .join(". ");
}

function asText(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
