// These run in an alert window: Firefox's own script, with its XPCOM services.

/**
 * The actions of the notification in an alert window, `{ name, title }` each. The window is not given them, nor the
 * notification's id, so they come from where Firefox keeps the notifications of service workers, by origin (host and port),
 * title and body. One of a page has none.
 */
export const readActions = `async ({ origin, title, body }) => {
  const workers = Cc['@mozilla.org/serviceworkers/manager;1'].getService(Ci.nsIServiceWorkerManager);
  const storage = Cc['@mozilla.org/notificationStorage;1'].getService(Ci.nsINotificationStorage);
  for (const { principal, scope } of workers.getAllRegistrations().enumerate(Ci.nsIServiceWorkerRegistrationInfo)) {
    if (principal.hostPort !== origin) continue;
    const entries = await new Promise((done) => storage.get(principal.origin, scope, '', { done }));
    const entry = entries.find((one) => one.title === title && one.body === body);
    if (entry !== undefined) return entry.actions.map(({ name, title }) => ({ name, title }));
  }
  return [];
}`;

/** What a button that an alert window does not draw would do: tell Firefox of the action, and close the window. */
export const pressAction = `(action, title) => {
  const pressed = { action, title, QueryInterface: ChromeUtils.generateQI(['nsIAlertAction']) };
  gAlertListener.observe(pressed, 'alertclickcallback', gAlertCookie);
  document.getElementById('alert-close').doCommand();
}`;
