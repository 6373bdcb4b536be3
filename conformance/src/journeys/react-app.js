import { createPushClient } from '@belfry/client';
import { PushProvider, useForegroundMessages, usePush, useServiceWorker } from '@belfry/client/react';
import { createElement as h, useState } from 'react';

/** What the hooks told the client, in order. */
export const told = [];

const client = createPushClient({ worker: { url: '/service-worker.js', type: 'module' } });
const push = {
  ...client,
  get state() {
    return client.state;
  },
  refresh() {
    told.push('refresh');
    return client.refresh();
  },
  async identify(user) {
    told.push(`identify ${user}`);
    const state = await client.identify(user);
    told.push(`identified ${user}`);
    return state;
  },
  logout() {
    told.push('logout');
    return client.logout();
  },
};

/** What the site's server renders and react.browser.js hydrates; `user` is who is signed in when it is mounted. */
export function App(props) {
  const [user, setUser] = useState(props.user);
  const [isInChat, setInChat] = useState(true);
  return h(
    PushProvider,
    { client: push, user },
    h('button', { id: 'sign-in', onClick: () => setUser('ada') }, 'Sign in'),
    h('button', { id: 'sign-out', onClick: () => setUser(null) }, 'Sign out'),
    h('button', { id: 'chat-toggle', onClick: () => setInChat(!isInChat) }, isInChat ? 'Leave' : 'Join'),
    h(EnableButton),
    h(State),
    h(Worker),
    isInChat && h(Chat),
  );
}

function EnableButton() {
  const { state, enable } = usePush();
  return h('button', { id: 'enable', disabled: state.status === 'on', onClick: () => enable() }, 'Enable');
}

function State() {
  const { status } = usePush().state;
  return h('p', { id: 'state', 'data-status': status }, status);
}

function Worker() {
  const { data: sw } = useServiceWorker();
  const [answer, setAnswer] = useState('');
  const subscribe = () => {
    const { port1, port2 } = new MessageChannel();
    port1.addEventListener('message', ({ data }) => setAnswer(data.type));
    port1.start();
    sw.postMessage({ type: 'SUBSCRIBE' }, [port2]);
  };
  return [
    h('p', { key: 1, id: 'worker' }, sw === undefined ? 'no worker' : new URL(sw.scriptURL).pathname),
    h('button', { key: 2, id: 'subscribe', disabled: sw === undefined, onClick: subscribe }, 'Subscribe'),
    h('p', { key: 3, id: 'answer' }, answer),
  ];
}

/** Numbers each text by a handler of the last render. */
function Chat() {
  const [lines, setLines] = useState([]);
  useForegroundMessages('chat.message', ({ payload }) => setLines([...lines, `${lines.length + 1}. ${payload.text}`]));
  return h('p', { id: 'chat' }, lines.join(' '));
}
