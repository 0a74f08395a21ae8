import { Inject, Module, type OnModuleInit, Optional } from '@nestjs/common';
import { KindRegistry } from '../tasks/index.js';
import { musicKind } from './music.kind.js';
import {
  ConfigurableMusicModule,
  type MusicModuleOptions,
  MUSIC_OPTIONS,
} from './music.module-definition.js';

/**
 * Lets an application take music tasks. Needs the module of the tasks in the same application;
 * `forRoot` may be left out when no option is set.
 */
@Module({})
export class MusicModule extends ConfigurableMusicModule implements OnModuleInit {
  constructor(
    private readonly kinds: KindRegistry,
    @Optional() @Inject(MUSIC_OPTIONS) private readonly options: MusicModuleOptions = {},
  ) {
    super();
  }

  onModuleInit(): void {
    this.kinds.register(musicKind(this.options));
  }
}
