export { type Random, seededRandom } from '../../src/simulator/random.js';
