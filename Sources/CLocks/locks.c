#include "include/CLocks.h"

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
void __tsan_acquire(void *address);
void __tsan_release(void *address);
#define LOCK_TAKEN(address) __tsan_acquire((void *)(address))
#define LOCK_LEFT(address) __tsan_release((void *)(address))
#endif
#endif
#ifndef LOCK_TAKEN
#define LOCK_TAKEN(address) ((void)(address))
#define LOCK_LEFT(address) ((void)(address))
#endif

void cl_lock_taken(const void *address) { LOCK_TAKEN(address); }
void cl_lock_left(const void *address) { LOCK_LEFT(address); }
