export { type BelfryFastifyOptions, belfryFastify } from './belfry-fastify.ts';
