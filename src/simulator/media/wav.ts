const SAMPLE_RATE = 8_000;
const BYTES_PER_SAMPLE = 2;
const PCM = 1;

/** A sine tone as a WAV file: 16-bit PCM, one channel, 8 kHz. */
export const makeWav = (frequencyHz: number, seconds: number): Buffer => {
  const samples = Math.round(SAMPLE_RATE * seconds);
  const dataLength = samples * BYTES_PER_SAMPLE;
  const file = Buffer.alloc(44 + dataLength);
  file.write('RIFF', 0, 'latin1');
  file.writeUInt32LE(36 + dataLength, 4);
  file.write('WAVEfmt ', 8, 'latin1');
  file.writeUInt32LE(16, 16);
  file.writeUInt16LE(PCM, 20);
  file.writeUInt16LE(1, 22);
  file.writeUInt32LE(SAMPLE_RATE, 24);
  file.writeUInt32LE(SAMPLE_RATE * BYTES_PER_SAMPLE, 28);
  file.writeUInt16LE(BYTES_PER_SAMPLE, 32);
  file.writeUInt16LE(8 * BYTES_PER_SAMPLE, 34);
  file.write('data', 36, 'latin1');
  file.writeUInt32LE(dataLength, 40);
  for (let index = 0; index < samples; index += 1) {
    const angle = (2 * Math.PI * frequencyHz * index) / SAMPLE_RATE;
    file.writeInt16LE(Math.round(Math.sin(angle) * 12_000), 44 + index * BYTES_PER_SAMPLE);
  }
  return file;
};
