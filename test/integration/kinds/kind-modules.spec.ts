import 'reflect-metadata';
import { type DynamicModule, Global, Module, type Type } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { ImageModule, imageKind } from '../../../src/image/index.js';
import { MusicModule, musicKind } from '../../../src/music/index.js';
import { KindRegistry } from '../../../src/tasks/index.js';
import { ThreeDModule, threeDKind } from '../../../src/three-d/index.js';
import { VideoModule, videoKind } from '../../../src/video/index.js';

/*
 * The four domain modules keep the same promises to the application that imports them.
 */

/** Stands for the module of the tasks: offers the registry to the whole application. */
@Global()
@Module({ providers: [KindRegistry], exports: [KindRegistry] })
class Registry {}

const registered = async (domain: string, module: Type | DynamicModule) => {
  const app = await Test.createTestingModule({ imports: [Registry, module] }).compile();
  await app.init();
  const kind = app.get(KindRegistry).find(domain);
  await app.close();
  return kind;
};
const names = (kind: { models: readonly { model: string }[] } | undefined) =>
  kind?.models.map(({ model }) => model);

describe.each([
  { domain: 'image', KindModule: ImageModule, kindOf: imageKind, hasDetail: false },
  { domain: 'video', KindModule: VideoModule, kindOf: videoKind, hasDetail: false },
  { domain: 'music', KindModule: MusicModule, kindOf: musicKind, hasDetail: true },
  { domain: '3d', KindModule: ThreeDModule, kindOf: threeDKind, hasDetail: false },
])('the module of $domain', ({ domain, KindModule, kindOf, hasDetail }) => {
  it('registers its kind when Nest starts', async () => {
    const kind = await registered(domain, KindModule);
    expect(kind).toMatchObject({ domain, hasDetail });
    expect(names(kind)).toEqual(names(kindOf()));
  });

  it('adds the models of the host application', async () => {
    const own = { ...kindOf().models[0]!, model: 'house-model' };
    expect(names(await registered(domain, KindModule.forRoot({ models: [own] })))).toEqual([
      ...names(kindOf())!,
      'house-model',
    ]);
  });

  it('hands its options to every check', async () => {
    const options = { allowPrivateMediaUrls: true, catalogue: 'all' } as const;
    const kind = await registered(domain, KindModule.forRoot(options));
    const refused = kind!.models.flatMap((model) =>
      model.modes
        .map(({ exampleInput }) =>
          JSON.stringify(exampleInput).replaceAll('https://example.com', 'http://10.0.0.1'),
        )
        .filter((input) => !model.check(JSON.parse(input)).valid),
    );
    expect(refused).toEqual([]);
  });

  it('does not start with an option that makes no sense', async () => {
    const wrong = { catalogue: 'everything' } as unknown as { catalogue: 'all' };
    await expect(registered(domain, KindModule.forRoot(wrong))).rejects.toThrow(
      `${domain}.catalogue must be "apidot" or "all", not "everything".`,
    );
  });
});
