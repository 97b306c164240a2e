// A few threads that wait for work: spinning for a moment, since waking a sleeping thread takes longer than many a task, then asleep.
#include "include/CKernels.h"

#include <pthread.h>
#include <stdatomic.h>

enum { MAX_WORKERS = 63, SPINS = 4000 };

static struct {
  pthread_mutex_t region;  // held by the caller whose tasks run
  pthread_mutex_t sleep;
  pthread_cond_t wake;
  int started;
  // The work at hand; written before `generation` is raised.
  void (*body)(void *, int32_t, int32_t);
  void *context;
  int32_t tasks;
  int32_t workers;
  atomic_int next;
  atomic_int busy;
  atomic_uint generation;
} pool = {.region = PTHREAD_MUTEX_INITIALIZER, .sleep = PTHREAD_MUTEX_INITIALIZER, .wake = PTHREAD_COND_INITIALIZER};

static inline void pause_briefly(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#endif
}

static void take_tasks(int32_t worker) {
  for (;;) {
    const int task = atomic_fetch_add_explicit(&pool.next, 1, memory_order_relaxed);
    if (task >= pool.tasks) return;
    pool.body(pool.context, task, worker);
  }
}

static void *work(void *argument) {
  const int32_t worker = (int32_t)((uintptr_t)argument & 0xFFFF);
  unsigned seen = (unsigned)((uintptr_t)argument >> 16);
  for (;;) {
    int spins = 0;
    while (atomic_load_explicit(&pool.generation, memory_order_acquire) == seen && spins++ < SPINS) pause_briefly();
    if (atomic_load_explicit(&pool.generation, memory_order_acquire) == seen) {
      pthread_mutex_lock(&pool.sleep);
      while (atomic_load_explicit(&pool.generation, memory_order_acquire) == seen) {
        pthread_cond_wait(&pool.wake, &pool.sleep);
      }
      pthread_mutex_unlock(&pool.sleep);
    }
    seen = atomic_load_explicit(&pool.generation, memory_order_acquire);
    if (worker < pool.workers) take_tasks(worker);
    atomic_fetch_sub_explicit(&pool.busy, 1, memory_order_release);
  }
  return NULL;
}

/// A new thread is told which generation is done, so that it takes only the next for work.
static void start_workers(int count) {
  const uintptr_t generation = atomic_load(&pool.generation);
  while (pool.started < count) {
    pthread_t thread;
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    const int failed = pthread_create(&thread, &attributes, work, (void *)(generation << 16 | (uintptr_t)(pool.started + 1)));
    pthread_attr_destroy(&attributes);
    if (failed) return;
    pool.started++;
  }
}

void ck_parallel(int32_t tasks, int32_t threads, void (*body)(void *, int32_t, int32_t), void *context) {
  const int helpers = threads - 1 < MAX_WORKERS ? threads - 1 : MAX_WORKERS;
  if (helpers <= 0 || tasks <= 1 || pthread_mutex_trylock(&pool.region) != 0) {
    for (int32_t task = 0; task < tasks; task++) body(context, task, 0);
    return;
  }
  start_workers(helpers);
  pool.body = body;
  pool.context = context;
  pool.tasks = tasks;
  pool.workers = pool.started < helpers + 1 ? pool.started + 1 : helpers + 1;
  atomic_store(&pool.next, 0);
  atomic_store(&pool.busy, pool.started);
  pthread_mutex_lock(&pool.sleep);
  atomic_fetch_add_explicit(&pool.generation, 1, memory_order_release);
  pthread_cond_broadcast(&pool.wake);
  pthread_mutex_unlock(&pool.sleep);
  take_tasks(0);
  while (atomic_load_explicit(&pool.busy, memory_order_acquire) > 0) pause_briefly();
  pthread_mutex_unlock(&pool.region);
}
