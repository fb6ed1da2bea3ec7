#include "common/events/watch.h"

#include <absl/strings/str_cat.h>
#include <absl/time/clock.h>

#include <algorithm>

#include "common/status/status.h"

namespace loyalty::events {
namespace {

constexpr int kPageSize = 500;

}  // namespace

absl::Status Hub::Add(const std::shared_ptr<Watch>& watch) {
  absl::MutexLock lock(&mutex_);
  if (draining_) {
    return Refuse(absl::StatusCode::kUnavailable, "UNAVAILABLE",
                  "The server is shutting down. Call again after the same position.");
  }
  if (watches_.size() >= kMaxWatches) {
    return Refuse(absl::StatusCode::kResourceExhausted, "TOO_MANY_WATCHES",
                  absl::StrCat("The server has ", kMaxWatches, " watches already. Try again later."),
                  {{"limit", absl::StrCat(kMaxWatches)}});
  }
  watches_.emplace(watch.get(), watch);
  return absl::OkStatus();
}

void Hub::Remove(Watch* watch) {
  absl::MutexLock lock(&mutex_);
  watches_.erase(watch);
}

std::vector<std::shared_ptr<Watch>> Hub::All() {
  absl::MutexLock lock(&mutex_);
  std::vector<std::shared_ptr<Watch>> all;
  for (const auto& [key, watch] : watches_) all.push_back(watch);
  return all;
}

absl::Status Hub::Tick() {
  const auto watches = All();
  std::vector<int32_t> keys;
  for (const auto& watch : watches) keys.push_back(watch->program_key());
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  if (keys.empty()) return absl::OkStatus();
  absl::flat_hash_map<int32_t, int64_t> heads;
  LOYALTY_RETURN_IF_ERROR(pool_.Read([&](postgres::Transaction& tx) {
    for (const auto& head : work::FindHeads(tx, keys)) heads[head.program_key] = head.position;
    return absl::OkStatus();
  }));
  for (const auto& watch : watches) watch->OnHead(heads[watch->program_key()]);
  return absl::OkStatus();
}

void Hub::Drain() {
  {
    absl::MutexLock lock(&mutex_);
    draining_ = true;
  }
  for (const auto& watch : All()) watch->End(absl::OkStatus());
}

Watch::Watch(const rpc::Method& method, grpc::CallbackServerContext& context,
             const v1::WatchEventsRequest& request, Reader& reader, Hub& hub, Executor& executor)
    : call_(method, context, request.program_id(), ""),
      program_id_(request.program_id()),
      filter_{{request.types().begin(), request.types().end()}, request.member_id()},
      reader_(reader),
      hub_(hub),
      executor_(executor),
      position_(request.after_position()),
      last_sent_(absl::Now()) {}

Watch* Watch::Start(const rpc::Method& method, grpc::CallbackServerContext& context,
                    const v1::WatchEventsRequest& request, Reader& reader, Hub& hub, Executor& executor) {
  std::shared_ptr<Watch> watch(new Watch(method, context, request, reader, hub, executor));
  watch->self_ = watch;
  const absl::Status status = hub.Add(watch);
  absl::MutexLock lock(&watch->mutex_);
  if (status.ok()) {
    watch->Submit(&Watch::Open);
    if (!watch->busy_) {
      watch->ending_ = true;
      watch->status_ = Refuse(absl::StatusCode::kResourceExhausted, "QUEUE_FULL",
                              "Too much work is queued. Try again a little later.");
    }
  } else {
    watch->ending_ = true;
    watch->status_ = status;
  }
  watch->Step();
  return watch.get();
}

void Watch::OnDone() {
  hub_.Remove(this);
  const std::shared_ptr<Watch> last = std::move(self_);
}

int32_t Watch::program_key() {
  absl::MutexLock lock(&mutex_);
  return program_key_;
}

void Watch::OnHead(int64_t head) {
  absl::MutexLock lock(&mutex_);
  head_ = std::max(head_, head);
  Step();
}

void Watch::End(absl::Status status) {
  absl::MutexLock lock(&mutex_);
  if (ending_) return;
  ending_ = true;
  status_ = std::move(status);
  Step();
}

void Watch::OnWriteDone(bool ok) {
  absl::MutexLock lock(&mutex_);
  busy_ = false;
  if (!ok && !ending_) {
    ending_ = true;
    status_ = absl::CancelledError("The caller is gone.");
  }
  Step();
}

void Watch::Step() {
  if (busy_ || finished_) return;
  if (ending_) {
    finished_ = true;
    Finish(call_.End(status_));
  } else if (program_key_ == 0) {
    return;  // not opened yet
  } else if (head_ > position_) {
    Submit(&Watch::ReadPage);
  } else if (absl::Now() - last_sent_ > hub_.silence()) {
    message_.Clear();
    Send();
  }
}

void Watch::Submit(void (Watch::*task)()) {
  // When the queue is full, the next tick tries again.
  busy_ = executor_.TrySubmit([self = self_, task] { (self.get()->*task)(); });
}

void Watch::Open() {
  const auto start = reader_.Find(program_id_, position_);
  absl::MutexLock lock(&mutex_);
  busy_ = false;
  if (start.ok()) {
    program_key_ = start->program.key;
    head_ = start->head;
  } else if (!ending_) {
    ending_ = true;
    status_ = start.status();
  }
  Step();
}

void Watch::ReadPage() {
  int64_t after;
  {
    absl::MutexLock lock(&mutex_);
    after = position_;
  }
  auto page = reader_.Read(program_id_, after, kPageSize, filter_);
  absl::MutexLock lock(&mutex_);
  busy_ = false;
  if (!page.ok()) {
    if (!ending_) status_ = page.status();
    ending_ = true;
  } else if (!ending_) {
    head_ = std::max(head_, page->head);
    position_ = page->position;
    if (!page->events.empty()) {
      message_.Clear();
      for (v1::Event& event : page->events) *message_.add_events() = std::move(event);
      return Send();
    }
  }
  Step();
}

void Watch::Send() {
  busy_ = true;
  last_sent_ = absl::Now();
  message_.set_position(position_);
  StartWrite(&message_);
}

}  // namespace loyalty::events
