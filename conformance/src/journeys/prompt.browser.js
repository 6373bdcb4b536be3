import { createPushClient, createSoftPrompt, defineBelfryPrompt } from '@belfry/client';

// `?days=8`: the page's clock is that far ahead. `?phone`: a tab on an iPhone, as far as the client can see.
// `?pending`: the browser's prompt stays open.
const query = new URLSearchParams(location.search);
const isPhone = query.has('phone');
const aheadMs = Number(query.get('days')) * 86_400_000;

const phone = { isSecureContext: true, location, history, navigator: { standalone: false }, addEventListener() {} };
const push = createPushClient({
  worker: { url: '/service-worker.js', type: 'module' },
  ...(isPhone && { environment: phone }),
});
const softPrompt = createSoftPrompt(push, {
  offerInstall: isPhone,
  environment: {
    Date: { now: () => Date.now() + aheadMs },
    localStorage,
    addEventListener: (...args) => addEventListener(...args),
    removeEventListener: (...args) => removeEventListener(...args),
  },
});

// How many listeners the element has, and what it answered.
let listeners = 0;
let accepted = 0;
let declined = 0;
const counted = (listen) => (listener) => {
  listeners += 1;
  const leave = listen(listener);
  return () => {
    listeners -= 1;
    leave();
  };
};

defineBelfryPrompt({
  push: { ...push, onState: counted(push.onState) },
  softPrompt: {
    ...softPrompt,
    onChange: counted(softPrompt.onChange),
    accept() {
      accepted += 1;
      return query.has('pending') ? new Promise(() => {}) : softPrompt.accept();
    },
    decline() {
      declined += 1;
      softPrompt.decline();
    },
  },
  texts: {
    title: 'Shall we tell you when it ships?',
    text: 'You get a notification when your order is on its way, and when it has arrived. Nothing else.',
  },
});

globalThis.push = push;
globalThis.softPrompt = softPrompt;
globalThis.counts = () => ({ listeners, accepted, declined });
// After the element, so that it has drawn what the test sees here.
push.onState(({ status }) => {
  document.getElementById('state').dataset.status = status;
});
void push.refresh();
