import { type Kind, type ModelDefinition } from '../../tasks/index.js';

export const modelJson = (
  { domain }: Kind,
  { model, family, availability, modes }: ModelDefinition,
): object => ({
  model,
  domain,
  family,
  availability,
  modes: modes.map(({ mode, inputSchema, exampleInput, result }) => ({
    mode,
    input_schema: inputSchema,
    example_input: exampleInput,
    result: { file_type: result.fileType, count: result.count },
  })),
});
