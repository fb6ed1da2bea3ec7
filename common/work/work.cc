#include "common/work/work.h"

#include <absl/strings/str_cat.h>
#include <absl/time/clock.h>

#include <algorithm>
#include <cassert>

#include "common/postgres/errors.h"
#include "common/postgres/values.h"
#include "common/status/status.h"
#include "work_sql.h"

namespace loyalty::work {
namespace {

constexpr int kResolveAttempts = 6;                     // of a commit in doubt: about 3 s in all
constexpr absl::Duration kKept = absl::Hours(24 * 90);  // answers
constexpr char kRollback[] = "decided, and nothing written";

bool IsRollback(const absl::Status& status) {
  return absl::IsCancelled(status) && status.message() == kRollback;
}

// True if the request id is known: `out` is the answer that it got.
absl::StatusOr<bool> Replay(Work& work, const Mutation& mutation, google::protobuf::Message& out) {
  const pqxx::result rows = work.tx().Exec(sql::kFindRequest, work.program().key, mutation.request_id);
  if (rows.empty()) return false;
  if (DigestFromHex(rows[0][0].c_str()) != mutation.content) {
    return Refuse(absl::StatusCode::kAlreadyExists, "REQUEST_ID_REUSED",
                  "The request id was used for another request. Use a new one for each thing you ask for.",
                  {{"request_id", mutation.request_id}});
  }
  const pqxx::binarystring answer(rows[0][1]);
  if (!out.ParseFromArray(answer.data(), static_cast<int>(answer.size()))) {
    return absl::InternalError("A stored answer cannot be read.");
  }
  return true;
}

void Keep(Work& work, const Mutation& mutation, const google::protobuf::Message& out) {
  const std::string answer = out.SerializeAsString();
  work.tx().Exec(sql::kInsertRequest, work.program().key, mutation.request_id, ToHex(mutation.content),
                 pqxx::binarystring(answer), postgres::FormatTimestamp(work.real_now()));
}

}  // namespace

void Work::Emit(const google::protobuf::Message& payload, EventFacts facts) {
  if (facts.actor.empty()) facts.actor = actor_;
  if (!facts.occurred_time) facts.occurred_time = now_;
  events_.push_back({payload.GetDescriptor()->full_name(), payload.SerializeAsString(), std::move(facts)});
}

Delivery Work::NewDelivery(DeliveryKind kind, DeliveryKey key) const {
  Delivery out{.program_key = program_.key, .kind = kind};
  out.request_id = DeliveryRequestId(service_, program_.id, key);
  out.cause = std::move(key.cause);
  out.part = std::move(key.part);
  out.member_id = std::move(key.member_id);
  out.occurred_time = now_;
  out.create_time = real_now_;
  return out;
}

int64_t Work::Award(const AwardFacts& facts) {
  assert(facts.points > 0);
  Delivery delivery = NewDelivery(DeliveryKind::kAward, {facts.cause, facts.part, facts.member_id});
  delivery.points = facts.points;
  delivery.reason = facts.reason;
  delivery.occurred_time = facts.occurred_time.value_or(now_);
  return InsertDelivery(tx_, delivery);
}

int64_t Work::SetLabel(const LabelFacts& facts) {
  assert(!facts.label.empty());
  Delivery delivery = NewDelivery(DeliveryKind::kLabel, {facts.cause, facts.part, facts.member_id});
  delivery.label = facts.label;
  delivery.from_time = facts.from;
  delivery.until_time = facts.until;
  delivery.reason = facts.reason;
  return InsertDelivery(tx_, delivery);
}

void Work::TakeBack(const TakeBackFacts& facts) {
  assert(facts.points > 0);
  const auto award = LockDeliveryOf(tx_, program_.key, facts.of);
  if (!award || award->state == DeliveryState::kCancelled) return;
  DeliveryKey key{facts.cause, facts.part, facts.of.member_id};
  if (LockDeliveryOf(tx_, program_.key, key)) return;  // done before
  int64_t taken_back = facts.points;
  std::vector<int64_t> all = {award->id};
  for (const DeliveryStanding& reversal : LockReversals(tx_, program_.key, award->id)) {
    taken_back += reversal.points;
    all.push_back(reversal.id);
  }
  const bool unsent = award->state == DeliveryState::kPending && award->attempts == 0;
  if (unsent && taken_back >= award->points) return CancelDeliveries(tx_, program_.key, all, real_now_);
  Delivery delivery = NewDelivery(DeliveryKind::kReversal, std::move(key));
  delivery.points = facts.points;
  delivery.reason = facts.reason;
  delivery.reversed_id = award->id;
  delivery.occurred_time = facts.occurred_time.value_or(now_);
  InsertDelivery(tx_, delivery);
}

Work Runner::Begin(postgres::Transaction& tx, platform::Program program, std::string actor) {
  const absl::Time real_now = clock_.Now();
  const absl::Time now = program.test_time.value_or(real_now);
  return Work(tx, std::move(program), now, real_now, std::move(actor), service_);
}

void Runner::Count(size_t events) {
  if (appended_ != nullptr) appended_->Increment(static_cast<double>(events));
}

absl::Status Runner::MutateOnce(const Mutation& mutation, google::protobuf::Message& out,
                                const std::function<absl::Status(Work&)>& body, bool& replayed) {
  size_t events = 0;
  const absl::Status status = pool_.Run([&](postgres::Transaction& tx) -> absl::Status {
    replayed = false;
    events = 0;
    auto program = platform::FindProgram(tx, mutation.program_id);
    LOYALTY_RETURN_IF_ERROR(program.status());
    Work work = Begin(tx, *std::move(program), mutation.actor);
    if (!mutation.request_id.empty()) {
      const absl::StatusOr<bool> known = Replay(work, mutation, out);
      LOYALTY_RETURN_IF_ERROR(known.status());
      if ((replayed = *known)) return absl::OkStatus();
    }
    LOYALTY_RETURN_IF_ERROR(body(work));
    if (mutation.validate_only) return absl::CancelledError(kRollback);
    if (!mutation.request_id.empty()) Keep(work, mutation, out);
    AppendEvents(tx, work.program().key, work.events(), work.now());
    events = work.events().size();
    return absl::OkStatus();
  });
  if (status.ok()) Count(events);
  return IsRollback(status) ? absl::OkStatus() : status;
}

absl::StatusOr<Done> Runner::MutateMessage(const Mutation& mutation, google::protobuf::Message& out,
                                           const std::function<absl::Status(Work&)>& body) {
  Done done;
  absl::Status status = MutateOnce(mutation, out, body, done.replayed);
  // Somebody else wrote the same thing first: a second look finds it.
  if (postgres::IsUniqueViolation(status)) status = MutateOnce(mutation, out, body, done.replayed);
  bool in_doubt = false;
  for (int attempt = 0; attempt < kResolveAttempts && !mutation.request_id.empty(); ++attempt) {
    in_doubt = in_doubt || postgres::IsInDoubt(status);
    if (!in_doubt || !(postgres::IsInDoubt(status) || absl::IsUnavailable(status))) break;
    absl::SleepFor(absl::Milliseconds(50) * (1 << attempt));
    status = MutateOnce(mutation, out, body, done.replayed);
  }
  if (postgres::IsInDoubt(status) || (in_doubt && absl::IsUnavailable(status))) {
    return Refuse(absl::StatusCode::kUnavailable, "UNAVAILABLE",
                  "The database went away during the commit. Try again with the same request id: it takes "
                  "effect once.");
  }
  // What is refused may have been brought about by the same call, under way twice at the same time: then its
  // answer is the answer.
  if (!mutation.request_id.empty() &&
      (absl::IsFailedPrecondition(status) || absl::IsAlreadyExists(status) || absl::IsNotFound(status))) {
    const absl::Status refused = status;
    status = MutateOnce(
        mutation, out, [&](Work&) { return refused; }, done.replayed);
  }
  if (!status.ok()) return status;
  return done;
}

template <class Id>
absl::Status Runner::DoFor(const Id& id, const std::string& actor,
                           const std::function<absl::Status(Work&)>& body) {
  size_t events = 0;
  const absl::Status status = pool_.Run([&](postgres::Transaction& tx) -> absl::Status {
    auto program = platform::FindProgram(tx, id);
    LOYALTY_RETURN_IF_ERROR(program.status());
    Work work = Begin(tx, *std::move(program), actor);
    LOYALTY_RETURN_IF_ERROR(body(work));
    AppendEvents(tx, work.program().key, work.events(), work.now());
    events = work.events().size();
    return absl::OkStatus();
  });
  if (status.ok()) Count(events);
  return status;
}

absl::Status Runner::Do(const std::string& program_id, const std::string& actor,
                        const std::function<absl::Status(Work&)>& body) {
  return DoFor(program_id, actor, body);
}

absl::Status Runner::Do(int32_t program_key, const std::string& actor,
                        const std::function<absl::Status(Work&)>& body) {
  return DoFor(program_key, actor, body);
}

absl::Status Runner::Read(const std::string& program_id, const std::function<absl::Status(Work&)>& body) {
  return pool_.Read([&](postgres::Transaction& tx) -> absl::Status {
    auto program = platform::FindProgram(tx, program_id);
    LOYALTY_RETURN_IF_ERROR(program.status());
    Work work = Begin(tx, *std::move(program), "");
    return body(work);
  });
}

template <class Id>
absl::StatusOr<Runner::ProgramNow> Runner::FindFor(const Id& id) {
  ProgramNow found;
  const absl::Status status = pool_.Read([&](postgres::Transaction& tx) -> absl::Status {
    auto program = platform::FindProgram(tx, id);
    LOYALTY_RETURN_IF_ERROR(program.status());
    found.program = *std::move(program);
    found.now = found.program.Now(clock_);
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  return found;
}

absl::StatusOr<Runner::ProgramNow> Runner::Find(const std::string& program_id) { return FindFor(program_id); }
absl::StatusOr<Runner::ProgramNow> Runner::Find(int32_t program_key) { return FindFor(program_key); }

absl::StatusOr<int64_t> Runner::PurgeRequests(int limit) {
  int64_t purged = 0;
  const std::string before = postgres::FormatTimestamp(clock_.Now() - kKept);
  const absl::Status status = pool_.Run([&](postgres::Transaction& tx) {
    purged = static_cast<int64_t>(tx.Exec(sql::kPurgeRequests, before, limit).affected_rows());
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  return purged;
}

}  // namespace loyalty::work
