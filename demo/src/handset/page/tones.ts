/** The tones that a telephone makes itself. */
let audio: AudioContext | undefined;

/** The two tones of a key (ITU-T Q.23). */
export function tone(key: string): void {
  const place = "123456789*0#".indexOf(key);
  const row = [697, 770, 852, 941][Math.floor(place / 3)] ?? 697;
  sound([row, [1209, 1336, 1477][place % 3] ?? 1209], 0.12);
}

/** After it the caller speaks. */
export function beep(): void {
  sound([1000], 0.4);
}

function sound(frequencies: readonly number[], seconds: number): void {
  audio ??= new AudioContext();
  const gain = audio.createGain();
  gain.gain.value = 0.06;
  gain.connect(audio.destination);
  for (const frequency of frequencies) {
    const oscillator = audio.createOscillator();
    oscillator.frequency.value = frequency;
    oscillator.connect(gain);
    oscillator.start();
    oscillator.stop(audio.currentTime + seconds);
  }
}
