/**
 * The piece of music: "Split Tally", a quiet canon for two plucked strings over a slow bass, about 40 seconds,
 * synthesised by the Karplus–Strong algorithm (Karplus and Strong, Computer Music Journal 7(2), 1983). The
 * second voice plays the first one's notes two bars later: two halves of one stick. Returns a WAV file.
 */
const RATE = 32_000;
const BEAT_SECONDS = 0.42;
const BARS = 22;
/** Length of the piece that may be heard before paying. */
export const SAMPLE_SECONDS = 9;
const BEATS = 4;

/** Semitones above A3 for four bars of four beats, two notes a beat; null is a rest. */
const MELODY: readonly (number | null)[] = [
  ...[3, 7, 10, 7, 15, 10, 7, null, 8, 12, 15, 12, 20, 15, 12, null],
  ...[10, 7, 3, 7, 15, 14, 10, null, 10, 14, 17, 14, 22, 19, 17, null],
];
/** One bass note a bar, in semitones above A1. */
const BASS = [3, 8, 3, 10, 0, 8, 5, 10] as const;

/** The WAV file: 16 bits, two channels, 32 kHz. The same bytes every time. `seconds`: only its beginning. */
export function makeMusic(seconds = BARS * BEATS * BEAT_SECONDS + 4): Uint8Array {
  const frames = Math.ceil(seconds * RATE);
  const left = new Float32Array(frames);
  const right = new Float32Array(frames);
  const random = generator(1997);

  const pluck = (at: number, frequency: number, loudness: number, pan: number, decay: number) => {
    const start = Math.round(at * RATE);
    const period = Math.round(RATE / frequency);
    const string = Float32Array.from({ length: period }, () => (random() * 2 - 1) * loudness);
    // A soft finger: the noise that starts the string has its highest tones taken off.
    for (let i = 1; i < period; i++) string[i] = 0.5 * at0(string, i) + 0.5 * at0(string, i - 1);
    for (let i = 0; i < RATE * 3.2 && start + i < frames; i++) {
      const now = at0(string, i % period);
      string[i % period] = decay * 0.5 * (now + at0(string, (i + 1) % period));
      left[start + i] = at0(left, start + i) + now * (1 - pan);
      right[start + i] = at0(right, start + i) + now * pan;
    }
  };

  for (let bar = 0; bar < BARS; bar++) {
    const at = bar * BEATS * BEAT_SECONDS;
    const bass = BASS[bar % BASS.length] ?? 0;
    pluck(at, 55 * 2 ** (bass / 12), 0.6, 0.5, 0.998);
    if (bar >= BARS - 2) continue; // the bass has the last word
    for (let note = 0; note < 8; note++) {
      const time = at + note * 0.5 * BEAT_SECONDS;
      const first = MELODY[((bar % 4) * 8 + note) % MELODY.length] ?? null;
      const second = MELODY[(((bar + 2) % 4) * 8 + note) % MELODY.length] ?? null;
      if (first !== null) pluck(time, 220 * 2 ** (first / 12), 0.34, 0.3, 0.996);
      if (second !== null && bar >= 2) {
        pluck(time + 0.012, 440 * 2 ** (second / 12), 0.16, 0.74, 0.994);
      }
    }
  }
  room(left, right);
  return wav(left, right);
}

/** A small room: three echoes that cross from side to side. */
function room(left: Float32Array, right: Float32Array): void {
  for (const [seconds, strength] of [
    [0.031, 0.24],
    [0.083, 0.17],
    [0.21, 0.12],
  ] as const) {
    const delay = Math.round(seconds * RATE);
    for (let i = left.length - 1; i >= delay; i--) {
      const echoOfRight = at0(right, i - delay) * strength;
      right[i] = at0(right, i) + at0(left, i - delay) * strength;
      left[i] = at0(left, i) + echoOfRight;
    }
  }
}

function wav(left: Float32Array, right: Float32Array): Uint8Array {
  let peak = 0;
  for (let i = 0; i < left.length; i++) {
    peak = Math.max(peak, Math.abs(at0(left, i)), Math.abs(at0(right, i)));
  }
  const dataBytes = left.length * 4;
  const file = Buffer.alloc(44 + dataBytes);
  file.write("RIFF", 0);
  file.writeUInt32LE(36 + dataBytes, 4);
  file.write("WAVEfmt ", 8);
  file.writeUInt32LE(16, 16);
  file.writeUInt16LE(1, 20); // PCM
  file.writeUInt16LE(2, 22);
  file.writeUInt32LE(RATE, 24);
  file.writeUInt32LE(RATE * 4, 28);
  file.writeUInt16LE(4, 32);
  file.writeUInt16LE(16, 34);
  file.write("data", 36);
  file.writeUInt32LE(dataBytes, 40);
  const fade = RATE * 2;
  for (let i = 0; i < left.length; i++) {
    const gain = (29_000 / peak) * Math.min(1, (left.length - i) / fade);
    file.writeInt16LE(Math.round(at0(left, i) * gain), 44 + i * 4);
    file.writeInt16LE(Math.round(at0(right, i) * gain), 46 + i * 4);
  }
  return file;
}

function at0(samples: Float32Array, index: number): number {
  return samples[index] ?? 0;
}

/** Mulberry32: small, seeded, good enough for the noise in a string. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
