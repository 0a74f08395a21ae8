import { type Kind, type ModelDefinition, PRIORITIES, USUAL_PRIORITY } from '../../tasks/index.js';
import { ref } from './schemas.js';

type Schema = Record<string, unknown>;

/**
 * One schema per model input, one per model that ties name and input together, and `Submit` over all of them.
 *
 * Names of schemas: `<model>.<mode>.input`, with characters that a name may not have replaced by `-`.
 */
export const modelSchemas = (kinds: readonly Kind[]): Record<string, Schema> => {
  const schemas: Record<string, Schema> = {};
  const submits: Schema[] = [];
  for (const kind of kinds) {
    for (const model of kind.models) {
      const inputs = model.modes.map(({ mode, inputSchema, exampleInput }) => {
        const name = `${nameOf(model.model)}.${nameOf(mode)}.input`;
        // The dialect is that of the whole document.
        const { $schema: _dialect, ...schema } = inputSchema;
        schemas[name] = { ...schema, examples: [exampleInput] };
        return ref(name);
      });
      const name = `${nameOf(model.model)}.submit`;
      schemas[name] = submitSchema(kind, model, inputs);
      submits.push(ref(name));
    }
  }
  return { ...schemas, Submit: { anyOf: submits } };
};

const submitSchema = (
  { domain }: Kind,
  { model, modes }: ModelDefinition,
  inputs: readonly Schema[],
): Schema => ({
  type: 'object',
  title: `${model} (${domain})`,
  properties: {
    model: { const: model },
    input: inputs.length === 1 ? inputs[0] : { anyOf: inputs },
    metadata: {
      type: ['object', 'null'],
      maxProperties: 50,
      description: 'Your own words about the task, at most 16 KiB; tasks can be found by them.',
    },
    notify_url: { type: ['string', 'null'], format: 'uri', maxLength: 2_048 },
    priority: {
      enum: [...PRIORITIES, null],
      default: USUAL_PRIORITY,
      description: 'When it is sent, among your own queued tasks; others are not held up by it.',
    },
  },
  required: ['model', 'input'],
  additionalProperties: false,
  ...(modes[0] && { examples: [{ model, input: modes[0].exampleInput }] }),
});

const nameOf = (text: string): string => text.replace(/[^A-Za-z0-9._-]/g, '-');
