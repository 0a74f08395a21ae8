import { ConfigurableModuleBuilder } from '@nestjs/common';
import { type CatalogueOptions } from '../shared/validation/index.js';
import { type ModelDefinition } from '../tasks/index.js';

export interface ImageModuleOptions extends CatalogueOptions {
  /** Models of the host application beside ours. Default none. */
  readonly models?: readonly ModelDefinition[];
}

export const { ConfigurableModuleClass: ConfigurableImageModule, MODULE_OPTIONS_TOKEN: IMAGE_OPTIONS } =
  new ConfigurableModuleBuilder<ImageModuleOptions>().setClassMethodName('forRoot').build();
