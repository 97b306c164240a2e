// Whether the frames of the current thread's callers can be followed.
#define _GNU_SOURCE
#include "include/CKernels.h"

#include <pthread.h>

/// The end of the stack: above the first frame.
static uintptr_t stack_end(void) {
  static _Thread_local uintptr_t end = 0;
  if (end != 0) return end;
#if defined(__APPLE__)
  end = (uintptr_t)pthread_get_stackaddr_np(pthread_self());
#else
  pthread_attr_t attributes;
  if (pthread_getattr_np(pthread_self(), &attributes) != 0) return 0;
  void *lowest;
  size_t size;
  if (pthread_attr_getstack(&attributes, &lowest, &size) == 0) end = (uintptr_t)lowest + size;
  pthread_attr_destroy(&attributes);
#endif
  return end;
}

/// Whether Valgrind carries out the process: its own file is then among those mapped, but not as a file is that was loaded.
static int is_emulated(void) {
#if defined(__x86_64__)
  // Valgrind's documented request RUNNING_ON_VALGRIND: rotations that together do nothing on a processor.
  const uint64_t request[6] = {0x1001};
  uint64_t answer = 0;
  __asm__ volatile("rolq $3, %%rdi; rolq $13, %%rdi; rolq $61, %%rdi; rolq $51, %%rdi; xchgq %%rbx, %%rbx"
                   : "+d"(answer)
                   : "a"(request)
                   : "cc", "memory");
  return answer != 0;
#else
  return 0;
#endif
}

int ck_frames_are_sound(int32_t limit) {
  if (is_emulated()) return 0;
  const uintptr_t end = stack_end();
  uintptr_t frame = (uintptr_t)__builtin_frame_address(0);
  for (int32_t k = 0; k < limit; k++) {
    const uintptr_t next = *(const uintptr_t *)frame;
    // What no frame's address can be ends the list.
    if (next % 16 != 0 || next == 0) return 1;
    if (next <= frame || next + 2 * sizeof(uintptr_t) > end) return 0;
    frame = next;
  }
  return 1;
}
