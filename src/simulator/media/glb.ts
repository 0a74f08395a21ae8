/*
 * A cube as binary glTF 2.0: 12-byte header, one JSON chunk, one BIN chunk (Khronos glTF 2.0, "GLB File Format").
 */

const MAGIC = 0x46546c67; // "glTF"
const JSON_CHUNK = 0x4e4f534a; // "JSON"
const BIN_CHUNK = 0x004e4942; // "BIN\0"
const FLOAT = 5126;
const UNSIGNED_SHORT = 5123;
const ARRAY_BUFFER = 34962;
const ELEMENT_ARRAY_BUFFER = 34963;

/** Corner n lies at bits (x, y, z) of n. */
const CORNERS = Array.from({ length: 8 }, (_, corner) => [corner & 1, (corner >> 1) & 1, (corner >> 2) & 1]);

/** Two triangles per side, counter-clockwise seen from outside. */
const TRIANGLES = [
  [0, 2, 3, 0, 3, 1],
  [4, 5, 7, 4, 7, 6],
  [0, 1, 5, 0, 5, 4],
  [2, 6, 7, 2, 7, 3],
  [0, 4, 6, 0, 6, 2],
  [1, 3, 7, 1, 7, 5],
].flat();

/** A cube around the origin with edges of one metre and a single colour (linear red, green, blue; 0 to 1 each). */
export const makeGlb = (colour: readonly [number, number, number]): Buffer => {
  const positions = Buffer.from(new Float32Array(CORNERS.flat().map((bit) => bit - 0.5)).buffer);
  const indices = Buffer.from(new Uint16Array(TRIANGLES).buffer);
  const binary = padded(Buffer.concat([positions, indices]), 0);
  const json = padded(Buffer.from(JSON.stringify(scene(colour, positions.length, indices.length))), 0x20);

  const header = Buffer.alloc(12);
  header.writeUInt32LE(MAGIC, 0);
  header.writeUInt32LE(2, 4);
  header.writeUInt32LE(12 + 8 + json.length + 8 + binary.length, 8);
  return Buffer.concat([
    header,
    chunkHeader(json.length, JSON_CHUNK),
    json,
    chunkHeader(binary.length, BIN_CHUNK),
    binary,
  ]);
};

const scene = (colour: readonly [number, number, number], positionBytes: number, indexBytes: number) => ({
  asset: { version: '2.0', generator: 'provider simulator' },
  scene: 0,
  scenes: [{ nodes: [0] }],
  nodes: [{ mesh: 0, name: 'cube' }],
  meshes: [{ primitives: [{ attributes: { POSITION: 0 }, indices: 1, material: 0 }] }],
  materials: [{ pbrMetallicRoughness: { baseColorFactor: [...colour, 1], metallicFactor: 0 } }],
  accessors: [
    {
      bufferView: 0,
      componentType: FLOAT,
      count: 8,
      type: 'VEC3',
      min: [-0.5, -0.5, -0.5],
      max: [0.5, 0.5, 0.5],
    },
    { bufferView: 1, componentType: UNSIGNED_SHORT, count: TRIANGLES.length, type: 'SCALAR' },
  ],
  bufferViews: [
    { buffer: 0, byteOffset: 0, byteLength: positionBytes, target: ARRAY_BUFFER },
    { buffer: 0, byteOffset: positionBytes, byteLength: indexBytes, target: ELEMENT_ARRAY_BUFFER },
  ],
  buffers: [{ byteLength: positionBytes + indexBytes }],
});

const chunkHeader = (length: number, type: number): Buffer => {
  const header = Buffer.alloc(8);
  header.writeUInt32LE(length, 0);
  header.writeUInt32LE(type, 4);
  return header;
};

/** Chunks are multiples of four bytes: JSON is filled up with spaces, BIN with zeros. */
const padded = (bytes: Buffer, filler: number): Buffer =>
  Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4, filler)]);
