/*
 * Encryption of a batch of push messages (RFC 8291, RFC 8188) on libuv's threads, with the OpenSSL inside Node.
 *
 * Nothing that JavaScript passes is trusted. A batch is copied before it is looked at, checked in full before it is
 * worked on, and no thread touches JavaScript's memory.
 */
#define NAPI_VERSION 8
#include <node_api.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/*
 * OpenSSL as Node exports it: declared here, since its headers are not everywhere where Node is. These functions and
 * this layout-free use of them have been the same since OpenSSL 1.1.0.
 */
typedef struct ec_group_st EC_GROUP;
typedef struct ec_key_st EC_KEY;
typedef struct ec_point_st EC_POINT;
typedef struct bignum_ctx BN_CTX;
typedef struct evp_cipher_st EVP_CIPHER;
typedef struct evp_cipher_ctx_st EVP_CIPHER_CTX;
/* OpenSSL's takes 112 bytes. */
typedef union { uint64_t alignment; uint8_t bytes[256]; } SHA256_CTX;

extern int RAND_bytes(uint8_t *out, int length);
extern void OPENSSL_cleanse(void *memory, size_t length);
extern void ERR_clear_error(void);
extern BN_CTX *BN_CTX_new(void);
extern void BN_CTX_free(BN_CTX *context);
extern EC_KEY *EC_KEY_new_by_curve_name(int nid);
extern void EC_KEY_free(EC_KEY *key);
extern int EC_KEY_generate_key(EC_KEY *key);
extern const EC_GROUP *EC_KEY_get0_group(const EC_KEY *key);
extern const EC_POINT *EC_KEY_get0_public_key(const EC_KEY *key);
extern EC_POINT *EC_POINT_new(const EC_GROUP *group);
extern void EC_POINT_free(EC_POINT *point);
extern int EC_POINT_oct2point(const EC_GROUP *group, EC_POINT *point, const uint8_t *in, size_t length, BN_CTX *context);
extern size_t EC_POINT_point2oct(const EC_GROUP *group, const EC_POINT *point, int form, uint8_t *out, size_t length,
                                 BN_CTX *context);
extern int ECDH_compute_key(void *out, size_t length, const EC_POINT *point, const EC_KEY *key, void *derivation);
extern int SHA256_Init(SHA256_CTX *context);
extern int SHA256_Update(SHA256_CTX *context, const void *data, size_t length);
extern int SHA256_Final(uint8_t *out, SHA256_CTX *context);
extern const EVP_CIPHER *EVP_aes_128_gcm(void);
extern EVP_CIPHER_CTX *EVP_CIPHER_CTX_new(void);
extern void EVP_CIPHER_CTX_free(EVP_CIPHER_CTX *context);
extern int EVP_EncryptInit_ex(EVP_CIPHER_CTX *context, const EVP_CIPHER *cipher, void *engine, const uint8_t *key,
                              const uint8_t *nonce);
extern int EVP_EncryptUpdate(EVP_CIPHER_CTX *context, uint8_t *out, int *written, const uint8_t *in, int length);
extern int EVP_EncryptFinal_ex(EVP_CIPHER_CTX *context, uint8_t *out, int *written);
extern int EVP_CIPHER_CTX_ctrl(EVP_CIPHER_CTX *context, int type, int argument, void *pointer);

enum {
  NID_P256 = 415, UNCOMPRESSED = 4, GET_TAG = 0x10,
  POINT = 65, AUTH = 16, SECRET = 32, HASH = 32, BLOCK = 64, SALT = 16, TAG = 16, CONTENT_KEY = 16,
  /* Of a job: point, auth, lengths of plaintext and of padding (16 bits each, big endian); then its plaintext. */
  JOB_HEADER = POINT + AUTH + 4,
  /* Of a body: salt, record size 4096, length of the sender's point, that point (RFC 8188 §2.1, RFC 8291 §4). */
  SENDER = SALT + 5, BODY_HEADER = SENDER + POINT,
  MAX_BODY = 4096, MAX_PADDED = MAX_BODY - BODY_HEADER - 1 - TAG, MAX_BATCH = 1024 * 1024
};

/* One call; its memory belongs to free_batch. */
typedef struct {
  napi_async_work work;
  napi_deferred deferred;
  uint8_t *input, *output;
  size_t input_length, output_length;
  bool done;
} Batch;

/* What all messages of a batch share. Making them costs about what a message does. */
typedef struct {
  EC_KEY *key;
  EC_POINT *point;
  BN_CTX *numbers;
  EVP_CIPHER_CTX *cipher;
} Tools;

typedef struct {
  const uint8_t *p256dh, *auth, *plaintext;
  size_t plaintext_length, padding;
} Job;

typedef struct { SHA256_CTX inner, outer; } Hmac;

/* Reads the job at `*at` and moves on. False where it is cut off, too long, or not an uncompressed point. */
static bool read_job(const Batch *batch, size_t *at, Job *job) {
  if (batch->input_length - *at < JOB_HEADER) return false;
  const uint8_t *head = batch->input + *at, *lengths = head + POINT + AUTH;
  *job = (Job){head, head + POINT, head + JOB_HEADER, (size_t)(lengths[0] << 8 | lengths[1]),
               (size_t)(lengths[2] << 8 | lengths[3])};
  *at += JOB_HEADER;
  if (job->p256dh[0] != UNCOMPRESSED || job->plaintext_length + job->padding > MAX_PADDED) return false;
  if (batch->input_length - *at < job->plaintext_length) return false;
  *at += job->plaintext_length;
  return true;
}

static size_t body_length(const Job *job) {
  return BODY_HEADER + job->plaintext_length + 1 + job->padding + TAG;
}

/* `key` of at most BLOCK octets (RFC 2104). */
static void hmac_key(Hmac *hmac, const uint8_t *key, size_t length) {
  uint8_t inner[BLOCK], outer[BLOCK];
  for (size_t i = 0; i < BLOCK; i++) {
    uint8_t octet = i < length ? key[i] : 0;
    inner[i] = octet ^ 0x36;
    outer[i] = octet ^ 0x5c;
  }
  SHA256_Init(&hmac->inner);
  SHA256_Update(&hmac->inner, inner, BLOCK);
  SHA256_Init(&hmac->outer);
  SHA256_Update(&hmac->outer, outer, BLOCK);
  OPENSSL_cleanse(inner, BLOCK);
  OPENSSL_cleanse(outer, BLOCK);
}

/* Leaves `hmac` as it was: one key can make several. */
static void hmac_data(const Hmac *hmac, const void *data, size_t length, uint8_t out[HASH]) {
  Hmac copy = *hmac;
  SHA256_Update(&copy.inner, data, length);
  SHA256_Final(out, &copy.inner);
  SHA256_Update(&copy.outer, out, HASH);
  SHA256_Final(out, &copy.outer);
  OPENSSL_cleanse(&copy, sizeof copy);
}

/* Key and nonce (RFC 8291 §3.4). Each expansion of HKDF needs one block only, so it is one HMAC. */
static void derive(const Job *job, const uint8_t *shared, const uint8_t *body, uint8_t key[HASH], uint8_t nonce[HASH]) {
  static const char KEY_INFO[] = "WebPush: info";
  static const char CONTENT_KEY_INFO[] = "Content-Encoding: aes128gcm\0\x01";
  static const char NONCE_INFO[] = "Content-Encoding: nonce\0\x01";
  uint8_t info[sizeof KEY_INFO + 2 * POINT + 1];
  memcpy(info, KEY_INFO, sizeof KEY_INFO);
  memcpy(info + sizeof KEY_INFO, job->p256dh, POINT);
  memcpy(info + sizeof KEY_INFO + POINT, body + SENDER, POINT);
  info[sizeof info - 1] = 1;
  Hmac hmac;
  uint8_t secret[HASH];
  hmac_key(&hmac, job->auth, AUTH);
  hmac_data(&hmac, shared, SECRET, secret);
  hmac_key(&hmac, secret, HASH);
  hmac_data(&hmac, info, sizeof info, secret);
  hmac_key(&hmac, body, SALT);
  hmac_data(&hmac, secret, HASH, secret);
  hmac_key(&hmac, secret, HASH);
  hmac_data(&hmac, CONTENT_KEY_INFO, sizeof CONTENT_KEY_INFO - 1, key);
  hmac_data(&hmac, NONCE_INFO, sizeof NONCE_INFO - 1, nonce);
  OPENSSL_cleanse(&hmac, sizeof hmac);
  OPENSSL_cleanse(secret, sizeof secret);
}

/* One aes128gcm record behind its header; `body` has body_length(job) octets. */
static bool encrypt_job(const Tools *tools, const Job *job, uint8_t *body) {
  const EC_GROUP *group = EC_KEY_get0_group(tools->key);
  static const uint8_t RECORD_SIZE_AND_POINT[] = {0, 0, MAX_BODY >> 8, 0, POINT};
  memcpy(body + SALT, RECORD_SIZE_AND_POINT, sizeof RECORD_SIZE_AND_POINT);
  /* oct2point checks that the point is on the curve. */
  if (RAND_bytes(body, SALT) != 1 || EC_KEY_generate_key(tools->key) != 1 ||
      EC_POINT_point2oct(group, EC_KEY_get0_public_key(tools->key), UNCOMPRESSED, body + SENDER, POINT,
                         tools->numbers) != POINT ||
      EC_POINT_oct2point(group, tools->point, job->p256dh, POINT, tools->numbers) != 1)
    return false;
  struct { uint8_t shared[SECRET], key[HASH], nonce[HASH]; } secrets;
  bool ok = ECDH_compute_key(secrets.shared, SECRET, tools->point, tools->key, NULL) == SECRET;
  if (ok) {
    derive(job, secrets.shared, body, secrets.key, secrets.nonce);
    uint8_t *record = body + BODY_HEADER;
    int length = (int)(job->plaintext_length + 1 + job->padding), written = 0, rest = 0;
    memcpy(record, job->plaintext, job->plaintext_length);
    record[job->plaintext_length] = 2;
    memset(record + job->plaintext_length + 1, 0, job->padding);
    ok = EVP_EncryptInit_ex(tools->cipher, NULL, NULL, secrets.key, secrets.nonce) == 1 &&
         EVP_EncryptUpdate(tools->cipher, record, &written, record, length) == 1 && written == length &&
         EVP_EncryptFinal_ex(tools->cipher, record + length, &rest) == 1 && rest == 0 &&
         EVP_CIPHER_CTX_ctrl(tools->cipher, GET_TAG, TAG, record + length) == 1;
  }
  OPENSSL_cleanse(&secrets, sizeof secrets);
  return ok;
}

static void close_tools(Tools *tools) {
  EVP_CIPHER_CTX_free(tools->cipher);
  BN_CTX_free(tools->numbers);
  EC_POINT_free(tools->point);
  EC_KEY_free(tools->key);
}

static bool open_tools(Tools *tools) {
  *tools = (Tools){EC_KEY_new_by_curve_name(NID_P256), NULL, BN_CTX_new(), EVP_CIPHER_CTX_new()};
  if (tools->key != NULL) tools->point = EC_POINT_new(EC_KEY_get0_group(tools->key));
  return tools->point != NULL && tools->numbers != NULL && tools->cipher != NULL &&
         EVP_EncryptInit_ex(tools->cipher, EVP_aes_128_gcm(), NULL, NULL, NULL) == 1;
}

/* On one of libuv's threads. */
static void execute(napi_env env, void *data) {
  (void)env;
  Batch *batch = data;
  Tools tools;
  Job job;
  uint8_t *body = batch->output;
  bool ok = open_tools(&tools);
  for (size_t at = 0; ok && at < batch->input_length;) {
    ok = read_job(batch, &at, &job) && encrypt_job(&tools, &job, body);
    if (ok) body += body_length(&job);
  }
  close_tools(&tools);
  /* Node's own work on this thread should not find our errors. */
  if (!ok) ERR_clear_error();
  batch->done = ok;
}

static void free_batch(napi_env env, Batch *batch) {
  if (batch->work != NULL) napi_delete_async_work(env, batch->work);
  if (batch->input != NULL) OPENSSL_cleanse(batch->input, batch->input_length);
  /* After a failure, it may hold plaintext. */
  if (batch->output != NULL) OPENSSL_cleanse(batch->output, batch->output_length);
  free(batch->input);
  free(batch->output);
  free(batch);
}

static napi_value text(napi_env env, const char *characters) {
  napi_value value = NULL;
  napi_create_string_utf8(env, characters, NAPI_AUTO_LENGTH, &value);
  return value;
}

/* Back on the JavaScript thread. Where JavaScript cannot run any more, its calls fail, and the batch is freed. */
static void complete(napi_env env, napi_status status, void *data) {
  Batch *batch = data;
  napi_value buffer, bodies, error;
  void *bytes;
  if (status == napi_ok && batch->done &&
      napi_create_arraybuffer(env, batch->output_length, &bytes, &buffer) == napi_ok &&
      napi_create_typedarray(env, napi_uint8_array, batch->output_length, buffer, 0, &bodies) == napi_ok) {
    if (batch->output_length > 0) memcpy(bytes, batch->output, batch->output_length);
    napi_resolve_deferred(env, batch->deferred, bodies);
  } else if (napi_create_error(env, text(env, "encryption-failed"), text(env, "A batch could not be encrypted"),
                               &error) == napi_ok) {
    napi_reject_deferred(env, batch->deferred, error);
  }
  free_batch(env, batch);
}

/* Adds up what the bodies will take. False where the input is not whole jobs, each within its limits. */
static bool measure_output(Batch *batch) {
  Job job;
  for (size_t at = 0; at < batch->input_length; batch->output_length += body_length(&job))
    if (!read_job(batch, &at, &job)) return false;
  return true;
}

static napi_value fail(napi_env env, Batch *batch, const char *code, const char *message) {
  if (batch != NULL) free_batch(env, batch);
  napi_throw_error(env, code, message);
  return NULL;
}

/* encryptBatch(jobs: Uint8Array): Promise<Uint8Array>, the bodies one behind the other. */
static napi_value encrypt_batch(napi_env env, napi_callback_info info) {
  size_t count = 1, length = 0;
  napi_value argument, promise;
  napi_typedarray_type type;
  void *bytes = NULL;
  bool is_array = false;
  if (napi_get_cb_info(env, info, &count, &argument, NULL, NULL) != napi_ok ||
      napi_is_typedarray(env, argument, &is_array) != napi_ok || !is_array ||
      napi_get_typedarray_info(env, argument, &type, &length, &bytes, NULL, NULL) != napi_ok ||
      type != napi_uint8_array || length > MAX_BATCH || (bytes == NULL && length > 0))
    return fail(env, NULL, "malformed-batch", "A batch is a Uint8Array of at most 1 MiB");
  Batch *batch = calloc(1, sizeof *batch);
  /* One octet more: malloc(0) may be NULL. */
  if (batch == NULL || (batch->input = malloc(length + 1)) == NULL)
    return fail(env, batch, "out-of-memory", "No memory for a batch");
  if (length > 0) memcpy(batch->input, bytes, length);
  batch->input_length = length;
  if (!measure_output(batch))
    return fail(env, batch, "malformed-batch", "A batch holds whole jobs, each within its limits");
  if ((batch->output = malloc(batch->output_length + 1)) == NULL)
    return fail(env, batch, "out-of-memory", "No memory for a batch");
  if (napi_create_async_work(env, NULL, text(env, "belfry:encrypt"), execute, complete, batch, &batch->work) !=
          napi_ok ||
      napi_create_promise(env, &batch->deferred, &promise) != napi_ok ||
      napi_queue_async_work(env, batch->work) != napi_ok)
    return fail(env, batch, "encryption-failed", "A batch could not be queued");
  return promise;
}

/* measureFloor(times: number): void — a key pair and an ECDH, for the bench: what no message can do without. */
static napi_value measure_floor(napi_env env, napi_callback_info info) {
  size_t count = 1;
  napi_value argument;
  uint32_t times = 0;
  uint8_t secret[SECRET];
  Tools tools;
  if (napi_get_cb_info(env, info, &count, &argument, NULL, NULL) != napi_ok ||
      napi_get_value_uint32(env, argument, &times) != napi_ok)
    return fail(env, NULL, "malformed-count", "How many times is a number");
  bool ok = open_tools(&tools);
  EC_KEY *other = EC_KEY_new_by_curve_name(NID_P256);
  ok = ok && other != NULL && EC_KEY_generate_key(other) == 1;
  for (uint32_t i = 0; ok && i < times; i++)
    ok = EC_KEY_generate_key(tools.key) == 1 &&
         ECDH_compute_key(secret, SECRET, EC_KEY_get0_public_key(other), tools.key, NULL) == SECRET;
  EC_KEY_free(other);
  close_tools(&tools);
  return ok ? NULL : fail(env, NULL, "encryption-failed", "OpenSSL refused");
}

NAPI_MODULE_INIT() {
  const napi_property_descriptor functions[] = {
      {"encryptBatch", NULL, encrypt_batch, NULL, NULL, NULL, napi_enumerable, NULL},
      {"measureFloor", NULL, measure_floor, NULL, NULL, NULL, napi_enumerable, NULL},
  };
  return napi_define_properties(env, exports, 2, functions) == napi_ok ? exports : NULL;
}
