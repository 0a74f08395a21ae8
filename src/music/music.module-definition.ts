import { ConfigurableModuleBuilder } from '@nestjs/common';
import { type CatalogueOptions } from '../shared/validation/index.js';
import { type ModelDefinition } from '../tasks/index.js';

export interface MusicModuleOptions extends CatalogueOptions {
  /** Models of the host application beside ours. Default none. */
  readonly models?: readonly ModelDefinition[];
}

export const { ConfigurableModuleClass: ConfigurableMusicModule, MODULE_OPTIONS_TOKEN: MUSIC_OPTIONS } =
  new ConfigurableModuleBuilder<MusicModuleOptions>().setClassMethodName('forRoot').build();
