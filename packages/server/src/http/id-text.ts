/** Any id that we made and gave out: the store is asked for nothing else, as PostgreSQL does not take every text (NUL). */
export const ID_TEXT: RegExp = /^[\w\-]{1,64}$/v;
