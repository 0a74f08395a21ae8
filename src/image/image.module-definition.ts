import { ConfigurableModuleBuilder } from '@nestjs/common';
import { type CatalogueOptions } from '../shared/validation/index.js';

export type ImageModuleOptions = CatalogueOptions;

export const { ConfigurableModuleClass: ConfigurableImageModule, MODULE_OPTIONS_TOKEN: IMAGE_OPTIONS } =
  new ConfigurableModuleBuilder<ImageModuleOptions>().setClassMethodName('forRoot').build();
