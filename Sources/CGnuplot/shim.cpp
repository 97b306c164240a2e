// A C face for gnuplot-iostream.
//
// gnuplot-iostream starts its process by popen: through a shell, with gnuplot's messages going to the terminal and no
// process id to end it by. So the process is started here, and gnuplot-iostream's `Gnuplot` stream writes to its
// standard input. What gnuplot says comes back on a second pipe. After each batch of commands gnuplot is asked to
// print a token with its error number: whatever came before the token belongs to the batch.

#include "CGnuplot.h"

#include <gnuplot-iostream.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

namespace {

using Clock = std::chrono::steady_clock;

/// Holds SIGPIPE back for this thread while it lives, and takes back one that came meanwhile.
class WithoutSIGPIPE {
public:
  WithoutSIGPIPE() {
    sigemptyset(&pipe_);
    sigaddset(&pipe_, SIGPIPE);
    wasPending_ = pending();
    pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
  }

  ~WithoutSIGPIPE() {
    if (!wasPending_ && pending()) {
      int signal = 0;
      sigwait(&pipe_, &signal);
    }
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }

  WithoutSIGPIPE(const WithoutSIGPIPE &) = delete;
  WithoutSIGPIPE &operator=(const WithoutSIGPIPE &) = delete;

private:
  static bool pending() {
    sigset_t set;
    sigpending(&set);
    return sigismember(&set, SIGPIPE) == 1;
  }

  sigset_t pipe_;
  sigset_t before_;
  bool wasPending_;
};

/// Milliseconds until `deadline`, never negative.
int millisecondsUntil(Clock::time_point deadline) {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
  return left < 0 ? 0 : left > 1'000'000 ? 1'000'000 : static_cast<int>(left);
}

Clock::time_point deadlineAfter(double seconds) {
  return Clock::now() + std::chrono::milliseconds(static_cast<long long>(seconds * 1000));
}

/// A pipe whose ends are not inherited by programs that other threads start. Returns an errno, 0 for success.
int makePipe(int ends[2]) {
#ifdef __linux__
  return pipe2(ends, O_CLOEXEC) == 0 ? 0 : errno;
#else
  if (pipe(ends) != 0) return errno;
  for (int i = 0; i < 2; i++) fcntl(ends[i], F_SETFD, FD_CLOEXEC);
  return 0;
#endif
}

void closeBoth(const int ends[2]) {
  close(ends[0]);
  close(ends[1]);
}

/// This process's environment with the locale C.UTF-8: scripts are UTF-8, at which gnuplot remarks in a locale that is
/// not, and a picture shall not depend on where it is drawn.
class EnvironmentInUTF8 {
public:
  EnvironmentInUTF8() {
    for (char **entry = environ; *entry; entry++) {
      if (std::strncmp(*entry, "LC_ALL=", 7) != 0) entries_.push_back(*entry);
    }
    entries_.push_back(locale_);
    entries_.push_back(nullptr);
  }

  char *const *data() const { return entries_.data(); }

private:
  char locale_[15] = "LC_ALL=C.UTF-8";
  std::vector<char *> entries_;
};

}  // namespace

struct cgnuplot_session {
  std::unique_ptr<Gnuplot> stream;  // writes to gnuplot's standard input
  int input = -1;                   // the descriptor below `stream`
  int output = -1;                  // gnuplot's standard output and error
  pid_t pid = 0;
  int exit = 0;
  unsigned long long batches = 0;
  std::string messages;

  bool running() const { return pid != 0; }

  /// Reads what has arrived; false at the end of the stream.
  bool readMessages() {
    char buffer[4096];
    for (;;) {
      const ssize_t count = read(output, buffer, sizeof buffer);
      if (count > 0) {
        messages.append(buffer, static_cast<size_t>(count));
      } else if (count == 0) {
        return false;
      } else if (errno != EINTR) {
        return errno == EAGAIN || errno == EWOULDBLOCK;
      }
    }
  }

  /// Waits for gnuplot's end until `deadline`; true when it has ended.
  bool reap(Clock::time_point deadline) {
    while (running()) {
      int status = 0;
      const pid_t ended = waitpid(pid, &status, WNOHANG);
      if (ended == pid || (ended < 0 && errno != EINTR)) {
        exit = ended < 0 ? 1 : WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
        pid = 0;
      } else if (Clock::now() >= deadline) {
        return false;
      } else {
        const timespec pause = {0, 1'000'000};
        nanosleep(&pause, nullptr);
      }
    }
    return true;
  }

  void killAndReap() {
    if (!running()) return;
    cgnuplot_kill(pid);
    reap(deadlineAfter(10));
  }

  /// Points the stream's descriptor at nothing, so that what it still holds can be let go.
  void abandonInput() {
    const int nothing = open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (nothing < 0) return;
    dup2(nothing, input);
    close(nothing);
    stream->clear();
    stream->flush();
  }

  /// Waits until gnuplot can take a chunk; meanwhile collects what it says.
  cgnuplot_status awaitInput(Clock::time_point deadline) {
    for (;;) {
      pollfd ends[2] = {{input, POLLOUT, 0}, {output, POLLIN, 0}};
      const int ready = poll(ends, 2, millisecondsUntil(deadline));
      if (ready < 0 && errno != EINTR) return CGNUPLOT_DIED;
      if (ready == 0) return CGNUPLOT_TIMED_OUT;
      if (ends[0].revents & (POLLERR | POLLNVAL)) return CGNUPLOT_DIED;
      if (ends[1].revents && !readMessages()) return CGNUPLOT_DIED;
      if (ends[0].revents & POLLOUT) return CGNUPLOT_OK;
    }
  }

  cgnuplot_status write(const std::string &text, Clock::time_point deadline) {
    // A pipe that polls as writable takes PIPE_BUF bytes without blocking.
    constexpr size_t chunk = PIPE_BUF < 4096 ? PIPE_BUF : 4096;
    for (size_t sent = 0; sent < text.size(); sent += chunk) {
      const cgnuplot_status status = awaitInput(deadline);
      if (status != CGNUPLOT_OK) return status;
      const size_t count = std::min(chunk, text.size() - sent);
      stream->write(text.data() + sent, static_cast<std::streamsize>(count));
      stream->flush();
      if (!*stream) return CGNUPLOT_DIED;
    }
    return CGNUPLOT_OK;
  }

  /// Finds a whole line `token NUMBER`, cuts the messages there, and stores the number. A line that only quotes the
  /// token, such as a command that is shown with an error, is not the answer.
  bool takeAnswer(const std::string &token, long &errorNumber) {
    for (size_t start = messages.find(token); start != std::string::npos; start = messages.find(token, start + 1)) {
      if (start != 0 && messages[start - 1] != '\n') continue;
      const size_t end = messages.find('\n', start);
      if (end == std::string::npos) return false;
      errorNumber = std::strtol(messages.c_str() + start + token.size(), nullptr, 10);
      messages.erase(start);
      return true;
    }
    return false;
  }

  /// Reads until gnuplot answers.
  cgnuplot_status awaitAnswer(const std::string &token, Clock::time_point deadline, long &errorNumber) {
    for (;;) {
      const bool open = readMessages();
      if (takeAnswer(token, errorNumber)) return CGNUPLOT_OK;
      if (!open) return CGNUPLOT_DIED;
      pollfd end_ = {output, POLLIN, 0};
      const int ready = poll(&end_, 1, millisecondsUntil(deadline));
      if (ready < 0 && errno != EINTR) return CGNUPLOT_DIED;
      if (ready == 0) return CGNUPLOT_TIMED_OUT;
    }
  }

  cgnuplot_status send(const std::string &commands, double seconds) {
    messages.clear();
    if (!running()) return CGNUPLOT_DIED;
    const WithoutSIGPIPE guard;
    const auto deadline = deadlineAfter(seconds);
    const std::string token = "cgnuplot-batch-" + std::to_string(++batches) + "-done ";
    const std::string batch = "set print '-'\nreset errors\n" + commands +
                              (commands.empty() || commands.back() == '\n' ? "" : "\n") +
                              "set print '-'\nprint '" + token + "', GPVAL_ERRNO\n";
    long errorNumber = 0;
    cgnuplot_status status = write(batch, deadline);
    if (status == CGNUPLOT_OK) status = awaitAnswer(token, deadline, errorNumber);
    if (status == CGNUPLOT_OK) return errorNumber == 0 ? CGNUPLOT_OK : CGNUPLOT_ERROR;

    if (status == CGNUPLOT_DIED) {
      readMessages();
      // It may have closed its pipes and live on.
      reap(deadlineAfter(0.5));
    }
    killAndReap();
    readMessages();
    abandonInput();
    return status;
  }
};

cgnuplot_session *cgnuplot_open(const char *program, int *error) {
  int toGnuplot[2];
  int fromGnuplot[2];
  if ((*error = makePipe(toGnuplot)) != 0) return nullptr;
  if ((*error = makePipe(fromGnuplot)) != 0) {
    closeBoth(toGnuplot);
    return nullptr;
  }

  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, toGnuplot[0], STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, fromGnuplot[1], STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, fromGnuplot[1], STDERR_FILENO);

  // A process group of its own, so that a wrapper script ends together with what it started; and the usual signals,
  // whatever this process does with them.
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setpgroup(&attributes, 0);
  sigset_t defaults;
  sigemptyset(&defaults);
  for (int signal : {SIGPIPE, SIGINT, SIGTERM, SIGHUP}) sigaddset(&defaults, signal);
  posix_spawnattr_setsigdefault(&attributes, &defaults);
  sigset_t none;
  sigemptyset(&none);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setflags(
    &attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);

  std::string name = program;
  std::string option = "-d";
  char *arguments[] = {name.data(), option.data(), nullptr};
  pid_t pid = 0;
  *error = posix_spawnp(&pid, program, &actions, &attributes, arguments, EnvironmentInUTF8().data());
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  close(toGnuplot[0]);
  close(fromGnuplot[1]);

  FILE *file = *error == 0 ? fdopen(toGnuplot[1], "w") : nullptr;
  if (!file) {
    if (*error == 0) {
      *error = errno;
      cgnuplot_kill(pid);
      waitpid(pid, nullptr, 0);
    }
    close(toGnuplot[1]);
    close(fromGnuplot[0]);
    return nullptr;
  }

  auto *session = new cgnuplot_session;
  session->stream = std::make_unique<Gnuplot>(file);
  session->input = toGnuplot[1];
  session->output = fromGnuplot[0];
  session->pid = pid;
  fcntl(session->output, F_SETFL, fcntl(session->output, F_GETFL) | O_NONBLOCK);
  return session;
}

cgnuplot_status cgnuplot_send(
  cgnuplot_session *session, const char *commands, size_t length, double seconds
) {
  return session->send(std::string(commands, length), seconds);
}

const char *cgnuplot_messages(const cgnuplot_session *session) { return session->messages.c_str(); }

int cgnuplot_exit(const cgnuplot_session *session) { return session->exit; }

int cgnuplot_pid(const cgnuplot_session *session) { return session->pid; }

void cgnuplot_close(cgnuplot_session *session, double seconds) {
  {
    const WithoutSIGPIPE guard;
    session->stream.reset();  // closes gnuplot's standard input, which ends it
  }
  if (!session->reap(deadlineAfter(seconds))) session->killAndReap();
  close(session->output);
  delete session;
}

void cgnuplot_kill(int pid) {
  if (pid <= 0) return;
  kill(-pid, SIGKILL);
  kill(pid, SIGKILL);
}

int cgnuplot_capture(const char *command, char *output, size_t capacity) {
  if (capacity == 0) return -1;
  output[0] = 0;
  FILE *pipe = popen(command, "r");
  if (!pipe) return -1;
  const size_t count = fread(output, 1, capacity - 1, pipe);
  output[count] = 0;
  const int status = pclose(pipe);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}
