#include "common/log/log.h"

#include <absl/strings/str_cat.h>
#include <absl/synchronization/mutex.h>
#include <absl/time/clock.h>
#include <absl/time/time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <nlohmann/json.hpp>
#include <thread>

namespace loyalty::log {
namespace {

constexpr size_t kMostBytes = 8 * 1024 * 1024;  // from there on, whoever logs waits for the writing
constexpr absl::Duration kFlushEvery = absl::Milliseconds(50);

// As it stands between the quotes of a JSON string. Bytes that are not UTF-8 become the replacement
// character.
void AppendEscaped(std::string& out, absl::string_view text) {
  const auto plain = [](char c) { return c >= 0x20 && c != '"' && c != '\\' && c != 0x7f; };  // of ASCII
  if (std::all_of(text.begin(), text.end(), plain)) {
    out.append(text.data(), text.size());
    return;
  }
  using nlohmann::json;
  const std::string quoted = json(std::string(text)).dump(-1, ' ', false, json::error_handler_t::replace);
  out.append(quoted, 1, quoted.size() - 2);
}

// Collects lines, which a thread of its own writes in large pieces: a disk that is slow for a moment holds up
// nobody's call. Lives as long as the process.
class Writer {
 public:
  static Writer& Get() {
    static Writer* writer = new Writer;
    return *writer;
  }

  void Add(absl::string_view line, bool now) {
    {
      absl::MutexLock lock(&mutex_);
      buffer_.append(line.data(), line.size());
      now = now || buffer_.size() >= kMostBytes;
    }
    if (now) Flush();
  }

  void Flush() {
    absl::MutexLock in_order(&writing_);
    {
      absl::MutexLock lock(&mutex_);
      piece_.swap(buffer_);
    }
    absl::string_view left = piece_;
    while (!left.empty()) {
      const ssize_t written = write(STDERR_FILENO, left.data(), left.size());
      if (written < 0 && errno == EINTR) continue;
      if (written <= 0) break;  // nobody to tell
      left.remove_prefix(static_cast<size_t>(written));
    }
    piece_.clear();
  }

 private:
  Writer() {
    std::thread([this] {
      while (true) {
        absl::SleepFor(kFlushEvery);
        Flush();
      }
    }).detach();
  }

  absl::Mutex writing_ ABSL_ACQUIRED_BEFORE(mutex_);
  std::string piece_ ABSL_GUARDED_BY(writing_);  // being written
  absl::Mutex mutex_;
  std::string buffer_ ABSL_GUARDED_BY(mutex_);
};

void WriteLine(absl::string_view severity, absl::string_view message, std::initializer_list<Field> fields,
               bool now) {
  std::string line = "{\"time\":\"";
  const absl::Time time = absl::Now();
  // The second's text is the same for thousands of lines.
  thread_local int64_t last_second = -1;
  thread_local std::string second_text;
  const int64_t second = absl::ToUnixSeconds(time);
  if (second != last_second) {
    second_text = absl::FormatTime("%Y-%m-%dT%H:%M:%S", time, absl::UTCTimeZone());
    last_second = second;
  }
  const int64_t micros = absl::ToUnixMicros(time) - second * 1'000'000;
  absl::StrAppend(&line, second_text, ".", absl::Dec(micros, absl::kZeroPad6), "Z\",\"severity\":\"",
                  severity, "\",\"message\":\"");
  AppendEscaped(line, message);
  for (const auto& [key, value] : fields) {
    if (value.empty()) continue;
    absl::StrAppend(&line, "\",\"", key, "\":\"");
    AppendEscaped(line, value);
  }
  line.append("\"}\n");
  Writer::Get().Add(line, now);
}

}  // namespace

void Info(absl::string_view message, std::initializer_list<Field> fields) {
  WriteLine("INFO", message, fields, false);
}
void Warning(absl::string_view message, std::initializer_list<Field> fields) {
  WriteLine("WARNING", message, fields, true);
}
void Error(absl::string_view message, std::initializer_list<Field> fields) {
  WriteLine("ERROR", message, fields, true);
}

void Flush() { Writer::Get().Flush(); }

}  // namespace loyalty::log
