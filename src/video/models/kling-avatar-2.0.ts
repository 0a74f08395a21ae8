import { defineFamily, MediaUrl, MediaUrls, mode, Text } from '../../shared/validation/index.js';

/*
 * kling-avatar-2.0/standard and kling-avatar-2.0/pro: a face speaks what a recording says. No trace at APIDot: ids and
 * fields come from PoYo.
 *
 * Not checked: the recording has 2 to 60 seconds.
 */

/** The same for standard and pro. */
export class KlingAvatar20 {
  @MediaUrls({ min: 1, max: 1, about: 'The face.' })
  image_urls: string[];

  @MediaUrl({ about: 'What is spoken; 2 to 60 seconds.' })
  audio_url: string;

  @Text({ max: 5000, optional: true })
  prompt?: string;
}

const modes = [
  mode('talking-avatar', KlingAvatar20, {
    example: {
      image_urls: ['https://example.com/inputs/face.png'],
      audio_url: 'https://example.com/inputs/voice.mp3',
    },
    result: { fileType: 'video', count: 1 },
  }),
];

export const klingAvatar20 = defineFamily('kling-avatar-2.0', 'poyo-only', {
  'kling-avatar-2.0/standard': modes,
  'kling-avatar-2.0/pro': modes,
});
