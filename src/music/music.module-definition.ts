import { ConfigurableModuleBuilder } from '@nestjs/common';
import { type CatalogueOptions } from '../shared/validation/index.js';

export type MusicModuleOptions = CatalogueOptions;

export const { ConfigurableModuleClass: ConfigurableMusicModule, MODULE_OPTIONS_TOKEN: MUSIC_OPTIONS } =
  new ConfigurableModuleBuilder<MusicModuleOptions>().setClassMethodName('forRoot').build();
