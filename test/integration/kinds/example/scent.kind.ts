import {
  absent,
  defineFamily,
  Forbids,
  MediaUrls,
  mode,
  offeredModels,
  present,
  Text,
  ValueWhen,
  Whole,
  whole,
} from '../../../../src/shared/validation/index.js';
import { type Kind } from '../../../../src/tasks/index.js';

abstract class Scent {
  @Text({ min: 3, max: 1_000 })
  prompt: string;

  @Whole({ min: 1, max: 20, default: 5, about: 'Notes of the accord.' })
  notes?: number;
}

@Forbids(['image_urls'], { because: 'Pictures belong to picture-to-scent.' })
export class TextToScent extends Scent {}

@ValueWhen('notes', whole({ min: 1, max: 10 }), {
  when: present('image_urls'),
  because: 'From pictures at most 10 notes are told apart.',
})
export class PictureToScent extends Scent {
  @MediaUrls({ min: 1, max: 3 })
  image_urls: string[];
}

const result = { fileType: 'formula', count: 1 };

const scentModels = defineFamily('scent-1', 'apidot-documented', {
  'scent-1': [
    mode('text-to-scent', TextToScent, {
      when: absent('image_urls'),
      example: { prompt: 'Rain on warm stone', notes: 4 },
      result,
    }),
    mode('picture-to-scent', PictureToScent, {
      when: present('image_urls'),
      example: { prompt: 'What this garden smells like', image_urls: ['https://example.com/garden.jpg'] },
      result,
    }),
  ],
});

/** A fifth domain, beside image, video, music and 3d: its tasks are submitted to /v1/scent/tasks. */
export const scentKind: Kind = {
  domain: 'scent',
  timing: { firstPollMs: 5_000, pollCapMs: 15_000, usualMs: 60_000, overdueMs: 600_000 },
  hasDetail: false,
  models: offeredModels('scent', scentModels, {}),
};
