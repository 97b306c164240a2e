// Work shared among threads.
//
// A sleeping worker takes tens of microseconds to wake, so workers spin briefly after each task before they sleep, and callers split only work
// that takes much longer than that. One task runs at a time: a call from inside a part, or while another thread's task runs, does all its parts itself.
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "include/CKernels.h"

enum { MOST_THREADS = 256, SPIN_NANOSECONDS = 50 * 1000 };

typedef void part_fn(void *context, int32_t part, int32_t worker);

static pthread_mutex_t one_task = PTHREAD_MUTEX_INITIALIZER;

// What follows is guarded by `lock`, except that `generation` and `active` may be read without it.
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t wake = PTHREAD_COND_INITIALIZER;
static pthread_cond_t idle = PTHREAD_COND_INITIALIZER;
static atomic_ullong generation;
static atomic_int active;  // workers inside the present task
static bool is_open;       // whether workers may still join it
static int seats;          // how many more may
static int joined;         // how many have
static part_fn *body;
static void *body_context;
static int32_t part_count;
static int worker_count;

static atomic_int next_part;

// MARK: The number of threads

static atomic_int chosen_count;

/// What the environment asks for, as it does of PyTorch, NumPy and OpenBLAS; else the processors this process may run on.
static int initial_count(void) {
  const char *const text = getenv("OMP_NUM_THREADS");
  const long asked = text == NULL ? 0 : strtol(text, NULL, 10);
  if (asked > 0) return asked < MOST_THREADS ? (int)asked : MOST_THREADS;
#if defined(__linux__) && defined(CPU_COUNT)
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0) {
    const int count = CPU_COUNT(&set);
    if (count > 0) return count < MOST_THREADS ? count : MOST_THREADS;
  }
#endif
  const long online = sysconf(_SC_NPROCESSORS_ONLN);
  return online < 1 ? 1 : online < MOST_THREADS ? (int)online : MOST_THREADS;
}

int32_t ck_thread_count(void) {
  int count = atomic_load_explicit(&chosen_count, memory_order_relaxed);
  if (count == 0) {
    count = initial_count();
    int unset = 0;
    if (!atomic_compare_exchange_strong(&chosen_count, &unset, count)) count = unset;
  }
  return count;
}

int ck_set_thread_count(int32_t count) {
  if (count < 1 || count > MOST_THREADS) return -1;
  atomic_store_explicit(&chosen_count, count, memory_order_relaxed);
  return 0;
}

// MARK: Workers

static uint64_t nanoseconds_now(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static inline void pause_briefly(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

static void run_parts(part_fn *run, void *context, int32_t count, int32_t worker) {
  for (;;) {
    const int32_t part = atomic_fetch_add_explicit(&next_part, 1, memory_order_relaxed);
    if (part >= count) return;
    run(context, part, worker);
  }
}

static void *work(void *unused) {
  (void)unused;
  unsigned long long seen = 0;
  for (;;) {
    const uint64_t limit = nanoseconds_now() + SPIN_NANOSECONDS;
    while (atomic_load_explicit(&generation, memory_order_relaxed) == seen && nanoseconds_now() < limit) {
      for (int i = 0; i < 32; i++) pause_briefly();
    }
    pthread_mutex_lock(&lock);
    while (generation == seen) pthread_cond_wait(&wake, &lock);
    seen = generation;
    const bool joins = is_open && seats > 0;
    part_fn *const run = body;
    void *const context = body_context;
    const int32_t count = part_count;
    int32_t worker = 0;
    if (joins) {
      seats--;
      worker = ++joined;
      active++;
    }
    pthread_mutex_unlock(&lock);
    if (!joins) continue;

    run_parts(run, context, count, worker);

    pthread_mutex_lock(&lock);
    if (--active == 0) pthread_cond_signal(&idle);
    pthread_mutex_unlock(&lock);
  }
  return NULL;
}

/// Starts workers until there are `count`, as far as the system lets us. Under `lock`.
static void hire(int count) {
  while (worker_count < count) {
    pthread_attr_t attributes;
    if (pthread_attr_init(&attributes) != 0) return;
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    pthread_t thread;
    const int status = pthread_create(&thread, &attributes, work, NULL);
    pthread_attr_destroy(&attributes);
    if (status != 0) return;
    worker_count++;
  }
}

// MARK: Interface

void ck_parallel(
    int32_t parts, int32_t threads, void (*run)(void *context, int32_t part, int32_t worker), void *context) {
  if (parts < 2 || threads < 2 || pthread_mutex_trylock(&one_task) != 0) {
    for (int32_t part = 0; part < parts; part++) run(context, part, 0);
    return;
  }
  if (threads > MOST_THREADS) threads = MOST_THREADS;
  pthread_mutex_lock(&lock);
  hire(threads - 1);
  body = run;
  body_context = context;
  part_count = parts;
  atomic_store_explicit(&next_part, 0, memory_order_relaxed);
  seats = threads - 1;
  joined = 0;
  is_open = true;
  generation++;
  pthread_cond_broadcast(&wake);
  pthread_mutex_unlock(&lock);

  run_parts(run, context, parts, 0);

  // All parts are taken; those who took the last ones may still be at them.
  pthread_mutex_lock(&lock);
  is_open = false;
  while (active > 0) {
    pthread_mutex_unlock(&lock);
    const uint64_t limit = nanoseconds_now() + SPIN_NANOSECONDS;
    while (atomic_load_explicit(&active, memory_order_relaxed) > 0 && nanoseconds_now() < limit) pause_briefly();
    pthread_mutex_lock(&lock);
    if (active > 0) pthread_cond_wait(&idle, &lock);
  }
  pthread_mutex_unlock(&lock);
  pthread_mutex_unlock(&one_task);
}
