import { useForegroundMessages, usePush } from '@belfry/client/react';
import { createElement } from 'react';

export function Bell() {
  const { state, enable, disable } = usePush();
  useForegroundMessages('chat.message', ({ payload }) => console.log(payload));
  return createElement('button', { onClick: state.status === 'on' ? disable : enable }, state.status);
}
