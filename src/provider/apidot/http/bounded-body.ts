/** The longest answer we read. A status answer has a few kilobytes; more than this is a fault or an attack. */
export const MAX_ANSWER_BYTES = 1024 * 1024;

/**
 * The whole body, or null when it is longer than `limit` bytes (counted after decompression); the rest is not read.
 *
 * Rejects when the body ends before it is complete.
 */
export const readBounded = async (
  body: ReadableStream<Uint8Array> | null,
  limit = MAX_ANSWER_BYTES,
): Promise<Buffer | null> => {
  if (body === null) return Buffer.alloc(0);
  const reader = body.getReader();
  const chunks: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return Buffer.concat(chunks, length);
    length += value.byteLength;
    if (length > limit) {
      await reader.cancel();
      return null;
    }
    chunks.push(value);
  }
};
