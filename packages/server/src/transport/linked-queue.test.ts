import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LinkedQueue } from './linked-queue.ts';

interface Item {
  readonly id: number;
  previous: Item | undefined;
  next: Item | undefined;
}

test('it is an array that anything may leave', () => {
  const steps = fc.array(fc.oneof(fc.constantFrom('push', 'putBack', 'shift' as const), fc.nat(20)));
  fc.assert(
    fc.property(steps, (taken) => {
      const queue = new LinkedQueue<Item>();
      const model: Item[] = [];
      for (const [id, step] of taken.entries()) {
        const item: Item = { id, previous: undefined, next: undefined };
        if (step === 'push') {
          queue.push(item);
          model.push(item);
        } else if (step === 'putBack') {
          queue.putBack(item);
          model.unshift(item);
        } else {
          const [leaving] = model.splice(step === 'shift' ? 0 : step % Math.max(model.length, 1), 1);
          if (leaving !== undefined) queue.remove(leaving);
        }
        expect([queue.size, queue.first?.id]).toEqual([model.length, model[0]?.id]);
      }
      for (const { id } of model) {
        const { first } = queue;
        expect(first?.id).toBe(id);
        if (first !== undefined) queue.remove(first);
      }
      expect(queue.first).toBe(undefined);
    }),
  );
});
