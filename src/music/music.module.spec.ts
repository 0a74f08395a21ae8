import 'reflect-metadata';
import { type DynamicModule, Global, Module, type Type } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { KindRegistry } from '../tasks/index.js';
import { MusicModule, musicKind } from './index.js';

/** Stands for the module of the tasks: offers the registry to the whole application. */
@Global()
@Module({ providers: [KindRegistry], exports: [KindRegistry] })
class Registry {}

const registered = async (module: Type | DynamicModule) => {
  const app = await Test.createTestingModule({ imports: [Registry, module] }).compile();
  await app.init();
  const kind = app.get(KindRegistry).find('music');
  await app.close();
  return kind;
};
const names = (kind: { models: readonly { model: string }[] } | undefined) =>
  kind?.models.map(({ model }) => model);

describe('MusicModule', () => {
  it('registers its kind when Nest starts', async () => {
    const kind = await registered(MusicModule);
    expect(kind).toMatchObject({ domain: 'music', hasDetail: true });
    expect(names(kind)).toEqual(names(musicKind()));
  });

  it('adds the models of the host application', async () => {
    const own = { ...musicKind().models[0]!, model: 'house-model' };
    expect(names(await registered(MusicModule.forRoot({ models: [own] })))).toEqual([
      ...names(musicKind())!,
      'house-model',
    ]);
  });

  it('hands its options to every check', async () => {
    const kind = await registered(MusicModule.forRoot({ allowPrivateMediaUrls: true, catalogue: 'all' }));
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
    await expect(registered(MusicModule.forRoot(wrong))).rejects.toThrow(
      'music.catalogue must be "apidot" or "all", not "everything".',
    );
  });
});
