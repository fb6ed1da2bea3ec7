// Tells ThreadSanitizer of abseil's locks. Debian's abseil is built without it, so that it sees none of them
// and takes all that they guard for races. The linker puts the functions below in place of abseil's
// (ThreadSanitizer.cmake).
//
// Conditions are evaluated by whoever unlocks, too, after the lock is given away here: abseil's own reads do
// not count.
#include <absl/synchronization/blocking_counter.h>
#include <absl/synchronization/mutex.h>
#include <absl/synchronization/notification.h>
#include <absl/time/time.h>

extern "C" {
void __tsan_acquire(void* address);
void __tsan_release(void* address);
void AnnotateIgnoreReadsBegin(const char* file, int line);
void AnnotateIgnoreReadsEnd(const char* file, int line);
}

namespace {

using absl::BlockingCounter;
using absl::Condition;
using absl::Duration;
using absl::Mutex;
using absl::Notification;

enum class Effect { kTakes, kGives, kGivesAndTakes };

// A call of abseil's, and what it does to the lock.
class Call {
 public:
  Call(const void* lock, Effect effect) : lock_(const_cast<void*>(lock)), effect_(effect) {
    if (effect_ != Effect::kTakes) __tsan_release(lock_);
    AnnotateIgnoreReadsBegin(__FILE__, __LINE__);
  }
  ~Call() {
    AnnotateIgnoreReadsEnd(__FILE__, __LINE__);
    if (effect_ != Effect::kGives) __tsan_acquire(lock_);
  }

 private:
  void* const lock_;
  const Effect effect_;
};

}  // namespace

#define TELL(symbol, effect, Result, Parameters, Arguments) \
  Result __real_##symbol Parameters;                        \
  Result __wrap_##symbol Parameters {                       \
    const Call call(lock, Effect::effect);                  \
    return __real_##symbol Arguments;                       \
  }

// clang-format off
extern "C" {
TELL(_ZN4absl7debian35Mutex4LockEv, kTakes, void, (Mutex* lock), (lock))
TELL(_ZN4absl7debian35Mutex6UnlockEv, kGives, void, (Mutex* lock), (lock))
TELL(_ZN4absl7debian35Mutex5AwaitERKNS0_9ConditionE, kGivesAndTakes, void,
     (Mutex* lock, const Condition& condition), (lock, condition))
TELL(_ZN4absl7debian35Mutex8LockWhenERKNS0_9ConditionE, kGivesAndTakes, void,
     (Mutex* lock, const Condition& condition), (lock, condition))
TELL(_ZN4absl7debian35Mutex16AwaitWithTimeoutERKNS0_9ConditionENS0_8DurationE, kGivesAndTakes, bool,
     (Mutex* lock, const Condition& condition, Duration timeout), (lock, condition, timeout))
TELL(_ZN4absl7debian312Notification6NotifyEv, kGives, void, (Notification* lock), (lock))
TELL(_ZNK4absl7debian312Notification19WaitForNotificationEv, kTakes, void, (const Notification* lock), (lock))
TELL(_ZNK4absl7debian312Notification30WaitForNotificationWithTimeoutENS0_8DurationE, kTakes, bool,
     (const Notification* lock, Duration timeout), (lock, timeout))
TELL(_ZN4absl7debian315BlockingCounter14DecrementCountEv, kGives, bool, (BlockingCounter* lock), (lock))
TELL(_ZN4absl7debian315BlockingCounter4WaitEv, kTakes, void, (BlockingCounter* lock), (lock))
}
// clang-format on
