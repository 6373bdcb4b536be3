import { storeContract } from '../store-contract.ts';
import { usePostgres } from './testing/use-postgres.test-data.ts';

const used = usePostgres();

storeContract({ name: 'PostgreSQL', sharesLeases: true, create: () => used.room() });
