#pragma once
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/// One running gnuplot, fed through gnuplot-iostream. Not thread-safe: one caller at a time.
typedef struct cgnuplot_session cgnuplot_session;

/// How a call ended.
typedef enum cgnuplot_status {
  CGNUPLOT_OK = 0,         ///< gnuplot carried out everything without an error
  CGNUPLOT_ERROR = 1,      ///< gnuplot refused a command; `cgnuplot_messages` says why
  CGNUPLOT_DIED = 2,       ///< gnuplot ended; `cgnuplot_exit` says how
  CGNUPLOT_TIMED_OUT = 3,  ///< no answer in time; gnuplot was killed
} cgnuplot_status;

/// Starts `program` (a path, or a name looked up in PATH) with gnuplot's default settings (`-d`), in a process
/// group of its own.
/// Returns NULL when it cannot be started and stores the reason (an errno) in `*error`.
cgnuplot_session *cgnuplot_open(const char *program, int *error);

/// Sends complete command lines and waits until gnuplot has carried them out, at most `seconds`.
/// SIGPIPE is held back for the calling thread during the call only. After CGNUPLOT_DIED and
/// CGNUPLOT_TIMED_OUT the session answers CGNUPLOT_DIED to everything.
cgnuplot_status cgnuplot_send(cgnuplot_session *session, const char *commands, size_t length, double seconds);

/// What gnuplot wrote (standard output and error) during the last `cgnuplot_send`, zero-terminated UTF-8 as it came.
/// Valid until the next call with this session.
const char *cgnuplot_messages(const cgnuplot_session *session);

/// How gnuplot ended: its exit status, or minus the number of the signal that ended it; 0 while it runs.
int cgnuplot_exit(const cgnuplot_session *session);

/// The process id, or 0 once gnuplot has ended.
int cgnuplot_pid(const cgnuplot_session *session);

/// Lets gnuplot end, waits at most `seconds`, then kills it. Frees the session.
void cgnuplot_close(cgnuplot_session *session, double seconds);

/// Kills the process group of a session's gnuplot. Callable from another thread than the session's; the session then
/// reports CGNUPLOT_DIED.
void cgnuplot_kill(int pid);

/// The first bytes that `command`, run by the shell, writes on standard output, at most `capacity - 1`, then a zero.
/// Returns the command's exit status, or -1 when it could not be run.
int cgnuplot_capture(const char *command, char *output, size_t capacity);

#ifdef __cplusplus
}
#endif
