// Buffers of arrays.
//
// Small: intrusive free lists per thread and size class, no locks. A buffer may be freed by another thread than the one that asked for it;
// it then joins that thread's list. What a list may keep is bounded, the rest goes back to the system, as do all lists of a thread that ends.
// Large: one shared set of kept buffers under a lock, bounded in bytes; fresh pages cost more than a kernel over them.
// AddressSanitizer sees kept buffers, and the slack behind a buffer's end, as poisoned; only the link to the next stays readable, since the leak
// checker does not follow pointers in poisoned memory.
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "include/CKernels.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#include <sanitizer/asan_interface.h>
#define POISON(pointer, bytes) __asan_poison_memory_region(pointer, bytes)
#define UNPOISON(pointer, bytes) __asan_unpoison_memory_region(pointer, bytes)
#endif
#endif
#ifndef POISON
#define POISON(pointer, bytes) ((void)0)
#define UNPOISON(pointer, bytes) ((void)0)
#endif

enum {
  ALIGNMENT = 64,
  LIST_BYTES = 512 * 1024,      // what one list of a thread may keep
  LARGE_SLOTS = 64,
};
static const size_t HUGE_PAGE = (size_t)2 << 20;

// MARK: Size classes

/// `bytes` > CK_LINEAR_LIMIT rounded up to one of four steps per doubling.
static size_t round_geometric(size_t bytes) {
  const int exponent = 63 - __builtin_clzll((unsigned long long)bytes - 1);  // 2^exponent < bytes ≤ 2^(exponent + 1)
  const size_t step = (size_t)1 << (exponent - 2);
  return (bytes + step - 1) & ~(step - 1);
}

static inline size_t small_capacity(size_t bytes) {
  if (bytes <= CK_LINEAR_LIMIT) return bytes == 0 ? ALIGNMENT : (bytes + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
  return round_geometric(bytes);
}

// MARK: Lists of the thread

typedef struct kept {
  struct kept *next;
} kept;

typedef struct {
  kept *first;
  size_t bytes;
} kept_list;

typedef enum { LISTS_UNUSED = 0, LISTS_IN_USE, LISTS_CLOSED } lists_state;

static _Thread_local kept_list lists[CK_SMALL_CLASSES];
static _Thread_local lists_state state;

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t thread_end;

static void empty_lists(void) {
  for (unsigned c = 0; c < CK_SMALL_CLASSES; c++) {
    while (lists[c].first != NULL) {
      kept *const buffer = lists[c].first;
      lists[c].first = buffer->next;
      free(buffer);
    }
    lists[c].bytes = 0;
  }
}

__thread ck_spares *ck_spare_lists;

/// The Swift runtime's own.
void swift_release(void *object);

static void release_spares(void) {
  ck_spares *const kept = ck_spare_lists;
  if (kept == NULL) return;
  // Nothing that ends meanwhile is kept again.
  const lists_state before = state;
  state = LISTS_CLOSED;
  ck_spare_lists = NULL;
  for (unsigned k = 0; k < CK_SPARE_KINDS + CK_SMALL_CLASSES; k++) {
    if (kept[k].first != NULL) swift_release(kept[k].first);  // which releases the next one
  }
  free(kept);
  state = before;
}

/// Runs when a thread ends. What is freed even later, by other such functions, goes straight to the system.
static void close_lists(void *unused) {
  (void)unused;
  // What waits runs first: it gives memory back.
  void *const queue = ck_queue;
  ck_queue = NULL;
  if (queue != NULL) swift_release(queue);
  release_spares();
  empty_lists();
  state = LISTS_CLOSED;
}

static void make_key(void) {
  if (pthread_key_create(&thread_end, close_lists) != 0) abort();
}

/// Whether this thread may keep buffers; on the first call, has them released at the thread's end.
static __attribute__((noinline, cold)) bool open_lists(void) {
  if (state == LISTS_CLOSED) return false;
  pthread_once(&once, make_key);
  if (pthread_setspecific(thread_end, &state) != 0) return false;
  state = LISTS_IN_USE;
  return true;
}

__thread void *ck_queue;

int ck_keep_queue(void *queue) {
  if (state != LISTS_IN_USE && !open_lists()) return 0;
  ck_queue = queue;
  return 1;
}

int ck_open_spares(void) {
  if (state != LISTS_IN_USE && !open_lists()) return 0;
  if (ck_spare_lists == NULL) ck_spare_lists = calloc(CK_SPARE_KINDS + CK_SMALL_CLASSES, sizeof *ck_spare_lists);
  return ck_spare_lists != NULL;
}

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define MARKS_MEMORY 1
#endif
#endif
#ifndef MARKS_MEMORY
#define MARKS_MEMORY 0
#endif
const int ck_marks_memory = MARKS_MEMORY;
void ck_mark_spare(void *buffer, size_t bytes) { POISON(buffer, small_capacity(bytes)); }
void ck_mark_used(void *buffer, size_t bytes) { UNPOISON(buffer, bytes); }

// MARK: Large buffers

typedef struct {
  void *buffer;
  size_t capacity;
  uint64_t age;
} large_slot;

static pthread_mutex_t large_lock = PTHREAD_MUTEX_INITIALIZER;
static large_slot large_slots[LARGE_SLOTS];
static size_t large_bytes;
static uint64_t large_clock;

/// The machine's memory in bytes; where it cannot be asked, 16 GiB.
static size_t machine_memory(void) {
  const long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);
  return pages > 0 && page > 0 ? (size_t)pages * (size_t)page : (size_t)16 << 30;
}

/// What may be kept: a GiB, or an eighth of the machine's memory where that is less. The machine is asked once.
static size_t large_budget(void) {
  static atomic_size_t known;
  size_t budget = atomic_load_explicit(&known, memory_order_relaxed);
  if (budget == 0) {
    const size_t most = (size_t)1 << 30, share = machine_memory() / 8;
    budget = share < most ? share : most;
    atomic_store_explicit(&known, budget, memory_order_relaxed);
  }
  return budget;
}

static void drop_slot(large_slot *slot) {
  large_bytes -= slot->capacity;
  UNPOISON(slot->buffer, slot->capacity);
  free(slot->buffer);
  slot->buffer = NULL;
}

static void *take_large(size_t capacity) {
  void *found = NULL;
  pthread_mutex_lock(&large_lock);
  large_slot *best = NULL;  // the latest: most likely still in cache
  for (unsigned i = 0; i < LARGE_SLOTS; i++) {
    large_slot *const slot = &large_slots[i];
    if (slot->buffer != NULL && slot->capacity == capacity && (best == NULL || slot->age > best->age)) best = slot;
  }
  if (best != NULL) {
    found = best->buffer;
    best->buffer = NULL;
    large_bytes -= capacity;
  }
  pthread_mutex_unlock(&large_lock);
  return found;
}

/// Keeps a buffer, at the cost of the oldest ones.
static void keep_large(void *buffer, size_t capacity) {
  const size_t budget = large_budget();
  if (capacity > budget) return free(buffer);
  POISON(buffer, capacity);
  pthread_mutex_lock(&large_lock);
  for (;;) {
    large_slot *empty = NULL, *oldest = NULL;
    for (unsigned i = 0; i < LARGE_SLOTS; i++) {
      large_slot *const slot = &large_slots[i];
      if (slot->buffer == NULL) {
        empty = slot;
      } else if (oldest == NULL || slot->age < oldest->age) {
        oldest = slot;
      }
    }
    if (empty != NULL && large_bytes + capacity <= budget) {
      *empty = (large_slot){buffer, capacity, ++large_clock};
      large_bytes += capacity;
      break;
    }
    drop_slot(oldest);
  }
  pthread_mutex_unlock(&large_lock);
}

static void *fresh(size_t capacity) {
  const bool huge = capacity >= 2 * HUGE_PAGE;
  const size_t alignment = huge ? HUGE_PAGE : ALIGNMENT;
  void *buffer = NULL;
  if (posix_memalign(&buffer, alignment, capacity) != 0) return NULL;
#if defined(MADV_HUGEPAGE)
  // Advice; where the kernel does not take it, small pages do.
  if (huge) (void)madvise(buffer, capacity - capacity % HUGE_PAGE, MADV_HUGEPAGE);
#endif
  return buffer;
}

/// A buffer from the system; if it refuses, once more after everything kept was given back. A system that promises memory freely is not asked for
/// several times what the machine has.
static __attribute__((noinline)) void *fresh_or_reclaimed(size_t capacity) {
  if (capacity / 4 > machine_memory()) return NULL;
  void *const buffer = fresh(capacity);
  if (buffer != NULL) return buffer;
  ck_release_cached();
  return fresh(capacity);
}

// MARK: Interface

void *ck_alloc(size_t bytes) {
  size_t capacity;
  void *buffer;
  if (__builtin_expect(bytes <= CK_SMALL_LIMIT, 1)) {
    kept_list *const list = &lists[ck_small_class(bytes)];
    capacity = small_capacity(bytes);
    kept *const first = list->first;
    if (__builtin_expect(first != NULL, 1)) {
      list->first = first->next;
      list->bytes -= capacity;
      UNPOISON(first, bytes);
      POISON((char *)first + bytes, bytes < sizeof *first ? sizeof *first - bytes : 0);
      return first;
    }
    buffer = fresh_or_reclaimed(capacity);
  } else {
    if (bytes > PTRDIFF_MAX / 2) return NULL;
    capacity = round_geometric(bytes);
    buffer = take_large(capacity);
    if (buffer == NULL) buffer = fresh_or_reclaimed(capacity);
  }
  if (buffer != NULL) {
    UNPOISON(buffer, bytes);
    POISON((char *)buffer + bytes, capacity - bytes);
  }
  return buffer;
}

void ck_free(void *buffer, size_t bytes) {
  if (buffer == NULL) return;
  if (__builtin_expect(bytes > CK_SMALL_LIMIT, 0)) return keep_large(buffer, round_geometric(bytes));
  const size_t capacity = small_capacity(bytes);
  kept_list *const list = &lists[ck_small_class(bytes)];
  if (list->bytes + capacity > LIST_BYTES || (state != LISTS_IN_USE && !open_lists())) {
    UNPOISON(buffer, capacity);
    free(buffer);
    return;
  }
  UNPOISON(buffer, sizeof(kept));
  ((kept *)buffer)->next = list->first;
  list->first = buffer;
  list->bytes += capacity;
  POISON((char *)buffer + sizeof(kept), capacity - sizeof(kept));
}

int ck_has_room(size_t bytes) {
  if (bytes > PTRDIFF_MAX / 2) return 0;
  for (int attempt = 0; attempt < 2; attempt++) {
    void *const buffer = malloc(bytes);
    if (buffer != NULL || bytes == 0) {
      free(buffer);
      return 1;
    }
    ck_release_cached();
  }
  return 0;
}

void ck_release_cached(void) {
  release_spares();
  empty_lists();
  pthread_mutex_lock(&large_lock);
  for (unsigned i = 0; i < LARGE_SLOTS; i++) {
    if (large_slots[i].buffer != NULL) drop_slot(&large_slots[i]);
  }
  pthread_mutex_unlock(&large_lock);
}
