#include "common/delivery/deliverer.h"

#include <absl/random/random.h>
#include <absl/strings/str_cat.h>
#include <absl/synchronization/blocking_counter.h>

#include <algorithm>

#include "common/log/log.h"
#include "common/status/status.h"

namespace loyalty::delivery {
namespace {

using work::Delivery;
using work::DeliveryResult;
using work::DeliveryState;

constexpr int kBatch = 100;
constexpr absl::Duration kTimeout = absl::Seconds(10);  // of a call
constexpr absl::Duration kLease = absl::Minutes(1);     // well above the time-out
constexpr absl::Duration kFirstWait = absl::Seconds(1);
constexpr absl::Duration kLongestWait = absl::Minutes(5);
constexpr absl::Duration kLongestPause = absl::Seconds(5);
constexpr size_t kMaxMessageBytes = 500;

metrics::Gauge& GaugeOf(metrics::Registry& registry, const std::string& name, const std::string& help) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(registry).Add({});
}
metrics::Counter& CounterOf(metrics::Registry& registry, const std::string& name, const std::string& help) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(registry).Add({});
}

// At most so many bytes, and no half of a character.
std::string Short(absl::string_view text) {
  size_t size = std::min(text.size(), kMaxMessageBytes);
  while (size > 0 && size < text.size() && (static_cast<unsigned char>(text[size]) & 0xC0) == 0x80) --size;
  return std::string(text.substr(0, size));
}

std::string ReasonOf(const absl::Status& status) {
  const auto refusal = RefusalOf(status);
  return refusal ? refusal->reason : absl::StatusCodeToString(status.code());
}

}  // namespace

bool IsRefusal(const absl::Status& status) {
  const std::string reason = ReasonOf(status);
  switch (status.code()) {
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kOutOfRange:
    case absl::StatusCode::kFailedPrecondition:
      return true;
    case absl::StatusCode::kNotFound:
      return reason == "MEMBER_NOT_FOUND" || reason == "PROGRAM_NOT_FOUND";
    case absl::StatusCode::kAlreadyExists:
      return reason == "REQUEST_ID_REUSED";
    default:
      return false;
  }
}

absl::Duration Backoff(int attempts, double fraction) {
  absl::Duration wait = kFirstWait;
  for (int i = 1; i < attempts && wait < kLongestWait; ++i) wait *= 2;
  return std::min(wait, kLongestWait) * (0.5 + fraction / 2);
}

Deliverer::Deliverer(postgres::Pool& pool, work::Runner& runner, Clock& clock,
                     std::unique_ptr<PointsCalls> calls, metrics::Registry& registry)
    : pool_(pool),
      runner_(runner),
      clock_(clock),
      calls_(std::move(calls)),
      pending_(GaugeOf(registry, "loyalty_delivery_pending", "Calls to points that are owed.")),
      oldest_(GaugeOf(registry, "loyalty_delivery_oldest_pending_seconds",
                      "Age of the oldest call to points that is owed; 0 if none is.")),
      delivered_(CounterOf(registry, "loyalty_delivery_delivered_total", "Calls that points has done.")),
      refused_(CounterOf(registry, "loyalty_delivery_refused_total", "Calls that points will not do.")) {}

absl::StatusOr<int64_t> Deliverer::RunOnce() {
  const absl::Time now = clock_.Now();
  {
    absl::MutexLock lock(&mutex_);
    if (now < pause_until_) return 0;
  }
  std::vector<Delivery> claimed;
  LOYALTY_RETURN_IF_ERROR(pool_.Run([&](postgres::Transaction& tx) {
    claimed = work::ClaimDeliveries(tx, now, now + kLease, kBatch);
    return absl::OkStatus();
  }));
  if (claimed.empty()) return 0;
  const auto batch = Deliver(claimed, now + kLease);
  LOYALTY_RETURN_IF_ERROR(batch.status());
  absl::MutexLock lock(&mutex_);
  unreached_ = batch->reached ? 0 : unreached_ + 1;
  if (unreached_ > 0) {
    pause_until_ = clock_.Now() + std::min(kLongestPause, kFirstWait * std::min(unreached_, 5));
    log::Warning("points cannot be reached", {{"error", batch->failure.ToString()}});
  }
  return batch->ended;
}

absl::StatusOr<int64_t> Deliverer::Drain(const std::string& program_id) {
  const auto found = runner_.Find(program_id);
  LOYALTY_RETURN_IF_ERROR(found.status());
  int64_t ended = 0;
  while (true) {
    const absl::Time until = clock_.Now() + kLease;
    std::vector<Delivery> claimed;
    LOYALTY_RETURN_IF_ERROR(pool_.Run([&](postgres::Transaction& tx) {
      claimed = work::ClaimDeliveriesOf(tx, found->program.key, until, kBatch);
      return absl::OkStatus();
    }));
    if (claimed.empty()) return ended;
    const auto batch = Deliver(claimed, until);
    LOYALTY_RETURN_IF_ERROR(batch.status());
    LOYALTY_RETURN_IF_ERROR(batch->failure);
    ended += batch->ended;
  }
}

absl::StatusOr<Deliverer::Batch> Deliverer::Deliver(const std::vector<Delivery>& claimed,
                                                    absl::Time claimed_until) {
  std::vector<Delivery> calls;
  std::vector<DeliveryResult> results;
  for (const Delivery& delivery : claimed) {
    if (delivery.reversed_id && !delivery.reversed_was_made) {
      results.push_back({.program_key = delivery.program_key,
                         .id = delivery.id,
                         .state = DeliveryState::kCancelled,
                         .next_attempt_time = delivery.next_attempt_time});
    } else {
      calls.push_back(delivery);
    }
  }
  Batch batch{.reached = calls.empty()};
  absl::BitGen random;
  const std::vector<absl::Status> outcomes = Send(calls);
  const absl::Time now = clock_.Now();
  for (size_t i = 0; i < calls.size(); ++i) {
    const absl::Status& outcome = outcomes[i];
    DeliveryResult& result = results.emplace_back();
    result.program_key = calls[i].program_key;
    result.id = calls[i].id;
    result.next_attempt_time = now;
    batch.reached = batch.reached || !absl::IsUnavailable(outcome);
    if (outcome.ok()) {
      result.state = DeliveryState::kDelivered;
      continue;
    }
    result.refusal_reason = ReasonOf(outcome);
    result.refusal_message = Short(outcome.message());
    if (IsRefusal(outcome)) {
      result.state = DeliveryState::kRefused;
      log::Warning("points refuses a delivery", {{"program", calls[i].program_id},
                                                 {"delivery", absl::StrCat(calls[i].id)},
                                                 {"reason", result.refusal_reason}});
    } else {
      result.state = DeliveryState::kPending;
      result.next_attempt_time = now + Backoff(calls[i].attempts, absl::Uniform<double>(random, 0, 1));
      batch.failure = outcome;
    }
  }
  LOYALTY_RETURN_IF_ERROR(Record(results, claimed_until, batch));
  return batch;
}

std::vector<absl::Status> Deliverer::Send(const std::vector<Delivery>& deliveries) {
  std::vector<absl::Status> outcomes(deliveries.size());
  absl::BlockingCounter left(static_cast<int>(deliveries.size()));
  for (size_t i = 0; i < deliveries.size(); ++i) {
    calls_->Send(deliveries[i], kTimeout, [&outcomes, &left, i](const absl::Status& outcome) {
      outcomes[i] = outcome;
      left.DecrementCount();
    });
  }
  left.Wait();
  return outcomes;
}

absl::Status Deliverer::Record(const std::vector<DeliveryResult>& results, absl::Time claimed_until,
                               Batch& batch) {
  work::RecordedDeliveries recorded;
  LOYALTY_RETURN_IF_ERROR(pool_.Run([&](postgres::Transaction& tx) {
    recorded = work::RecordDeliveries(tx, results, claimed_until, clock_.Now());
    return absl::OkStatus();
  }));
  delivered_.Increment(static_cast<double>(recorded.delivered));
  refused_.Increment(static_cast<double>(recorded.refused));
  batch.ended = recorded.ended();
  return absl::OkStatus();
}

absl::Status Deliverer::Measure() {
  work::PendingDeliveries pending;
  LOYALTY_RETURN_IF_ERROR(pool_.Read([&](postgres::Transaction& tx) {
    pending = work::CountPendingDeliveries(tx);
    return absl::OkStatus();
  }));
  pending_.Set(static_cast<double>(pending.count));
  const absl::Time now = clock_.Now();
  oldest_.Set(absl::ToDoubleSeconds(now - std::min(now, pending.oldest_create_time.value_or(now))));
  return absl::OkStatus();
}

}  // namespace loyalty::delivery
