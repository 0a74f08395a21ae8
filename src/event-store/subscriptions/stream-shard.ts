import { createHash } from 'node:crypto';

/** The shard of a stream, from 0; the same as `stream_shard` of migration 6 says. */
export const streamShard = (streamId: string, shards: number): number =>
  createHash('sha256')
    .update(Buffer.from(streamId.replaceAll('-', ''), 'hex'))
    .digest()
    .readUInt32BE(0) % shards;
