declare const self: ServiceWorkerGlobalScope;

/** Whether this browser's service workers have push. */
export async function isSupported(scope: { readonly registration: object } = self): Promise<boolean> {
  return 'pushManager' in scope.registration && 'showNotification' in scope.registration;
}
