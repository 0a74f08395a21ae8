import { defineFamily, MediaUrl, MediaUrls, mode, OneOf } from '../../shared/validation/index.js';

/*
 * wan-animate-move lets the person of an image move as in a video; wan-animate-replace puts that person into the video. The
 * ids are in the source of APIDot's web site; fields come from PoYo. There is no prompt.
 */

/** The same for move and replace. */
export class WanAnimate {
  @MediaUrl()
  video_url: string;

  @MediaUrls({ min: 1, max: 1, about: 'The person.' })
  image_urls: string[];

  @OneOf(['480p', '580p', '720p'], { default: '480p' })
  resolution?: '480p' | '580p' | '720p';
}

const example: WanAnimate = {
  video_url: 'https://example.com/inputs/source.mp4',
  image_urls: ['https://example.com/inputs/rider.png'],
  resolution: '480p',
};

const result = { fileType: 'video', count: 1 };

export const wanAnimate = defineFamily('wan-animate', 'apidot-client-code', {
  'wan-animate-move': [mode('motion-transfer', WanAnimate, { example, result })],
  'wan-animate-replace': [mode('character-replace', WanAnimate, { example, result })],
});
