import {
  absent,
  defineFamily,
  Flag,
  Forbids,
  MediaUrl,
  MediaUrls,
  mode,
  OneOf,
  oneOf,
  present,
  Text,
  ValueWhen,
} from '../../shared/validation/index.js';

/*
 * kling-2.6 from text or image, and kling-2.6-motion-control. The ids are in the source of APIDot's web site; fields come
 * from PoYo.
 *
 * Where sources differ:
 * - sound, duration, aspect_ratio, and with motion control character_orientation and resolution, are required by PoYo,
 *   optional in APIDot's site client: required here, so that both can serve the request;
 * - ratio 1:1 is PoYo's, APIDot's site client offers 16:9 and 9:16 only: accepted with MODEL_CATALOGUE=all.
 *
 * Not published: how many images kling-2.6 takes.
 */

abstract class Kling26Input {
  @Text({ max: 1000 })
  prompt: string;

  @Flag()
  sound: boolean;

  @OneOf([5, 10], { about: 'Seconds.' })
  duration: 5 | 10;

  @OneOf(['1:1', '16:9', '9:16'], { about: 'Has an effect without images only.' })
  aspect_ratio: '1:1' | '16:9' | '9:16';
}

@Forbids(['end_image_url'], { because: 'A closing frame needs an opening image in image_urls.' })
export class Kling26TextToVideoAtPoyo extends Kling26Input {}

@ValueWhen('sound', oneOf([false]), {
  when: present('end_image_url'),
  because: 'Videos with a closing frame are made without sound.',
})
export class Kling26ImageToVideoAtPoyo extends Kling26Input {
  @MediaUrls({ min: 1, about: 'No upper bound is published.' })
  image_urls: string[];

  @MediaUrl({ optional: true, about: 'The closing frame.' })
  end_image_url?: string;
}

export class Kling26TextToVideo extends Kling26TextToVideoAtPoyo {
  @OneOf(['16:9', '9:16'])
  declare aspect_ratio: '16:9' | '9:16';
}

export class Kling26ImageToVideo extends Kling26ImageToVideoAtPoyo {
  @OneOf(['16:9', '9:16'], { about: 'Has an effect without images only.' })
  declare aspect_ratio: '16:9' | '9:16';
}

/** A person in an image moves as somebody does in a video. */
export class Kling26MotionControl {
  @Text({ max: 2500, optional: true })
  prompt?: string;

  @MediaUrls({ min: 1, max: 1, about: 'JPEG, PNG or WEBP up to 10 MB.' })
  image_urls: string[];

  @MediaUrls({ min: 1, max: 1, about: 'MP4, MOV or MKV up to 100 MB, 3 to 30 s.' })
  video_urls: string[];

  @OneOf(['image', 'video'], { about: 'With image the result has up to 10 s, with video up to 30 s.' })
  character_orientation: 'image' | 'video';

  @OneOf(['720p', '1080p'])
  resolution: '720p' | '1080p';
}

const result = { fileType: 'video', count: 1 };

export const kling26 = defineFamily('kling-2.6', 'apidot-client-code', {
  'kling-2.6': [
    mode('text-to-video', Kling26TextToVideo, {
      atPoyo: Kling26TextToVideoAtPoyo,
      when: absent('image_urls'),
      example: {
        prompt: 'A red bicycle rolls down a quiet street while the camera follows from the side',
        sound: true,
        duration: 5,
        aspect_ratio: '16:9',
      },
      result,
    }),
    mode('image-to-video', Kling26ImageToVideo, {
      atPoyo: Kling26ImageToVideoAtPoyo,
      when: present('image_urls'),
      example: {
        prompt: 'The bicycle starts to move and the camera drifts slowly to the right',
        sound: false,
        duration: 5,
        aspect_ratio: '16:9',
        image_urls: ['https://example.com/inputs/first.png'],
        end_image_url: 'https://example.com/inputs/last.png',
      },
      result,
    }),
  ],
  'kling-2.6-motion-control': [
    mode('motion-transfer', Kling26MotionControl, {
      example: {
        prompt: 'The rider waves while cycling',
        image_urls: ['https://example.com/inputs/rider.png'],
        video_urls: ['https://example.com/inputs/motion.mp4'],
        character_orientation: 'video',
        resolution: '720p',
      },
      result,
    }),
  ],
});
