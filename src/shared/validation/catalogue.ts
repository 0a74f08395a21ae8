import { type CheckedModel, checkedModel, type Model } from './model.js';

/** What a host may set on a module of a kind. */
export interface CatalogueOptions {
  /** Accept media URLs with a private, loopback or otherwise not public host. Default false. */
  readonly allowPrivateMediaUrls?: boolean;
  /**
   * `apidot` offers the models that APIDot documents, lists or uses itself; `all` adds those that only PoYo, the sibling service,
   * is known to have, and of the others the fields and values that only PoYo has. Default `apidot`.
   */
  readonly catalogue?: 'apidot' | 'all';
  /** Models of the host application, offered beside ours: stated by classes, or with a check of their own. Default none. */
  readonly models?: readonly (Model | CheckedModel)[];
}

/**
 * The models a kind offers under these options: ours first, then those of the host.
 *
 * @throws TypeError naming the option and its value when it is none of the above, or the model that makes no sense
 */
export const offeredModels = (
  domain: string,
  models: readonly Model[],
  options: CatalogueOptions,
): readonly CheckedModel[] => {
  const { allowPrivateMediaUrls = false, catalogue = 'apidot', models: own = [] } = options;
  if (typeof allowPrivateMediaUrls !== 'boolean') {
    throw new TypeError(
      `${domain}.allowPrivateMediaUrls must be true or false, not ${JSON.stringify(allowPrivateMediaUrls)}.`,
    );
  }
  if (catalogue !== 'apidot' && catalogue !== 'all') {
    throw new TypeError(`${domain}.catalogue must be "apidot" or "all", not ${JSON.stringify(catalogue)}.`);
  }
  const ours = models
    .map((model) => (catalogue === 'all' ? asAtPoyo(model) : servedByApidot(model)))
    .filter(({ modes }) => modes.length > 0);
  return [...ours, ...own].map((model) =>
    'check' in model ? model : checkedModel(model, { allowPrivateMediaUrls }),
  );
};

/** A model can be known at APIDot with one mode and at PoYo with more. */
const servedByApidot = (model: Model): Model => ({
  ...model,
  modes: model.modes.filter((mode) => (mode.availability ?? model.availability) !== 'poyo-only'),
});

const asAtPoyo = (model: Model): Model => ({
  ...model,
  modes: model.modes.map((mode) => ({ ...mode, input: mode.atPoyo ?? mode.input })),
});
