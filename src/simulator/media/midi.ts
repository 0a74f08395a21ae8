const TICKS_PER_QUARTER = 96;

/** A Standard MIDI File (format 0) that plays the given notes one after the other, a quarter each. */
export const makeMidi = (notes: readonly number[]): Buffer => {
  const events: number[] = [];
  for (const note of notes) {
    events.push(0, 0x90, note, 96);
    events.push(TICKS_PER_QUARTER, 0x80, note, 0);
  }
  const endOfTrack = [0, 0xff, 0x2f, 0];
  const track = Buffer.from([...events, ...endOfTrack]);

  const header = Buffer.alloc(14);
  header.write('MThd', 0, 'latin1');
  header.writeUInt32BE(6, 4);
  header.writeUInt16BE(0, 8);
  header.writeUInt16BE(1, 10);
  header.writeUInt16BE(TICKS_PER_QUARTER, 12);

  const trackHeader = Buffer.alloc(8);
  trackHeader.write('MTrk', 0, 'latin1');
  trackHeader.writeUInt32BE(track.length, 4);
  return Buffer.concat([header, trackHeader, track]);
};
