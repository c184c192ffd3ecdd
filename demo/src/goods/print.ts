/**
 * The art print: "Lake at First Light", rendered point by point: a sky, seven ridges of noise that fade into
 * haze, a lake that mirrors them, mist and film grain. Returns a PNG (https://www.w3.org/TR/png-3/).
 */
import { crc32, deflateSync } from "node:zlib";

type Colour = readonly [number, number, number];

const RIDGES = 7;
/** Where water begins, as a part of the height. */
const SHORE = 0.66;
const ZENITH: Colour = [38, 62, 104];
const DUSK: Colour = [156, 116, 148];
const GLOW: Colour = [255, 186, 122];
const HAZE: Colour = [214, 164, 152];
const DISTANT: Colour = [198, 148, 150];
const NEAR: Colour = [14, 26, 40];

/** The picture at the given width; 3:2. The same bytes every time. */
export function makePrint(width: number): Uint8Array {
  const height = Math.round((width * 2) / 3);
  const skyline = Array.from({ length: RIDGES }, (_, ridge) =>
    Float32Array.from({ length: width }, (_, x) => ridgeHeight(ridge, x / width)),
  );
  const pixels = Buffer.alloc(height * (1 + width * 3));
  for (let y = 0; y < height; y++) {
    const row = y * (1 + width * 3); // each row begins with its filter, 0: none
    for (let x = 0; x < width; x++) {
      const colour = point(x, y / height, width, skyline);
      const grain = (hash(x, y, 77) - 0.5) * 7;
      for (let c = 0; c < 3; c++) {
        pixels[row + 1 + x * 3 + c] = Math.max(0, Math.min(255, (colour[c] ?? 0) + grain));
      }
    }
  }
  return png(width, height, pixels);
}

function point(x: number, v: number, width: number, skyline: readonly Float32Array[]): Colour {
  const u = x / width;
  if (v <= SHORE) return above(x, v, u, skyline);
  // The lake: the picture above the shore, mirrored, squeezed, drawn apart by ripples and darkened.
  const depth = (v - SHORE) / (1 - SHORE);
  const ripple = (noise(u * 6, v * 190, 31) - 0.5) * (0.006 + 0.05 * depth);
  const shift = Math.round(ripple * 0.5 * width);
  const mirrored = above(
    Math.max(0, Math.min(width - 1, x + shift)),
    SHORE - depth * SHORE * 0.82 - ripple,
    u,
    skyline,
  );
  const glint =
    Math.max(0, noise(u * 30, v * 320, 5) - 0.74) * 260 * Math.exp(-Math.abs(u - 0.63) * 9);
  const dark = mix(mirrored, [18, 32, 52], 0.24 + 0.34 * depth);
  const misty = mix(dark, HAZE, 0.5 * Math.exp(-depth * 16));
  return [misty[0] + glint, misty[1] + glint * 0.8, misty[2] + glint * 0.6];
}

function above(x: number, v: number, u: number, skyline: readonly Float32Array[]): Colour {
  for (let ridge = RIDGES - 1; ridge >= 0; ridge--) {
    const top = skyline[ridge]?.[x] ?? 1;
    if (v < top) continue;
    const near = (ridge + 0.4) / RIDGES;
    const slope = 0.82 + 0.36 * noise(u * 90, v * 60, 40 + ridge);
    const rock = mix(DISTANT, NEAR, near ** 0.8);
    const lit = mix(rock, [rock[0] * slope, rock[1] * slope, rock[2] * slope], near);
    // Mist gathers at the foot of each ridge.
    const mist = Math.exp(-(SHORE - v) * 26) * 0.75 + Math.min(0.4, (v - top) * 2.2) * (1 - near);
    return mix(lit, HAZE, Math.min(0.85, mist));
  }
  return sky(u, v);
}

function sky(u: number, v: number): Colour {
  const base =
    v < 0.26 ? mix(ZENITH, DUSK, v / 0.26) : mix(DUSK, GLOW, Math.min(1, (v - 0.26) / 0.2));
  const distance = Math.hypot((u - 0.63) * 1.5, v - 0.345);
  const sun = distance < 0.035 ? 1 : Math.exp(-(distance - 0.035) * 6) * 0.8;
  const cloud = Math.max(0, fractal(u * 3.2, v * 15, 3) - 0.5) * 1.5 * (1 - v);
  return mix(mix(base, [255, 206, 176], Math.min(0.6, cloud)), [255, 240, 212], sun);
}

/** Height of a ridge's edge, 0 the top of the picture. */
function ridgeHeight(ridge: number, u: number): number {
  const near = ridge / (RIDGES - 1);
  const base = 0.45 + near * 0.19;
  const peaks = fractal(u * (2.1 + near * 2.2) + ridge * 7.3, ridge, 11) - 0.5;
  const trees = near > 0.6 ? (hash(Math.floor(u * 900), ridge, 9) - 0.5) * 0.012 * near : 0;
  // The nearest ridges fall away towards the middle and open the view.
  const opening =
    near > 0.75 ? 0.13 * (near - 0.75) * 4 * Math.exp(-(((u - 0.56) / 0.22) ** 2)) : 0;
  return base - peaks * (0.3 - near * 0.11) + trees + opening;
}

function fractal(x: number, y: number, seed: number): number {
  let sum = 0;
  let weight = 0.5;
  for (let octave = 0; octave < 6; octave++) {
    sum += weight * noise(x * 2 ** octave, y * 2 ** octave, seed + octave);
    weight /= 2;
  }
  return sum;
}

/** Value noise between 0 and 1, smooth in between the points of a grid. */
function noise(x: number, y: number, seed: number): number {
  const x0 = Math.floor(x);
  const y0 = Math.floor(y);
  const fx = smooth(x - x0);
  const fy = smooth(y - y0);
  const top = hash(x0, y0, seed) * (1 - fx) + hash(x0 + 1, y0, seed) * fx;
  const bottom = hash(x0, y0 + 1, seed) * (1 - fx) + hash(x0 + 1, y0 + 1, seed) * fx;
  return top * (1 - fy) + bottom * fy;
}

function smooth(t: number): number {
  return t * t * (3 - 2 * t);
}

function hash(x: number, y: number, seed: number): number {
  let h = Math.imul(x, 374_761_393) ^ Math.imul(y, 668_265_263) ^ Math.imul(seed, 2_246_822_519);
  h = Math.imul(h ^ (h >>> 13), 1_274_126_177);
  return ((h ^ (h >>> 16)) >>> 0) / 4_294_967_296;
}

function mix(a: Colour, b: Colour, t: number): Colour {
  return [a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t, a[2] + (b[2] - a[2]) * t];
}

function png(width: number, height: number, rows: Buffer): Uint8Array {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8); // 8 bits, RGB
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(rows, { level: 6 })),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(data.length, 0);
  frame.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
}
