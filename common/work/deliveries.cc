#include "common/work/deliveries.h"

#include <absl/strings/str_cat.h>

#include "common/postgres/values.h"
#include "common/status/fingerprint.h"
#include "work_sql.h"

namespace loyalty::work {
namespace {

using postgres::FormatTimestamp;
using postgres::ParseTimestamp;

// NULL in place of nothing, as libpqxx takes it.
const char* OrNull(const std::string& text) { return text.empty() ? nullptr : text.c_str(); }
std::string Format(const std::optional<absl::Time>& time) { return time ? FormatTimestamp(*time) : ""; }

std::optional<absl::Time> ReadTime(const pqxx::field& field) {
  if (field.is_null()) return std::nullopt;
  return ParseTimestamp(field.c_str());
}

Delivery ReadDelivery(const pqxx::row& row) {
  Delivery out{.program_key = row["program_key"].as<int32_t>(),
               .program_id = row["program_id"].c_str(),
               .id = row["delivery_id"].as<int64_t>(),
               .kind = static_cast<DeliveryKind>(row["kind"].as<int>()),
               .cause = row["cause"].c_str(),
               .part = row["part"].c_str(),
               .member_id = row["member_id"].c_str(),
               .request_id = row["request_id"].c_str(),
               .points = row["points"].as<int64_t>(),
               .label = row["label"].c_str(),
               .from_time = ReadTime(row["from_time"]),
               .until_time = ReadTime(row["until_time"]),
               .reason = row["reason"].c_str(),
               .occurred_time = ParseTimestamp(row["occurred_time"].c_str()),
               .state = static_cast<DeliveryState>(row["state"].as<int>()),
               .attempts = row["attempts"].as<int>(),
               .next_attempt_time = ParseTimestamp(row["next_attempt_time"].c_str()),
               .create_time = ParseTimestamp(row["create_time"].c_str()),
               .end_time = ReadTime(row["end_time"]),
               .refusal_reason = row["refusal_reason"].c_str(),
               .refusal_message = row["refusal_message"].c_str()};
  if (!row["reversed_delivery"].is_null()) out.reversed_id = row["reversed_delivery"].as<int64_t>();
  return out;
}

std::vector<Delivery> ReadDeliveries(const pqxx::result& rows, bool claimed) {
  std::vector<Delivery> out;
  for (const auto& row : rows) {
    Delivery& delivery = out.emplace_back(ReadDelivery(row));
    if (!claimed || !delivery.reversed_id) continue;
    delivery.reversed_request_id = row["award_request_id"].c_str();
    delivery.reversed_was_made =
        static_cast<DeliveryState>(row["award_state"].as<int>(0)) == DeliveryState::kDelivered;
  }
  return out;
}

postgres::BigintArray ArrayOf(const std::vector<int64_t>& ids) {
  postgres::BigintArray out;
  for (const int64_t id : ids) out.Add(id);
  return out;
}

}  // namespace

std::string DeliveryRequestId(const std::string& service, const std::string& program_id,
                              const DeliveryKey& key) {
  Fingerprint content;
  content.Add(program_id).Add(key.cause).Add(key.part).Add(key.member_id);
  return absl::StrCat(service, "-", ToHex(content.Finish()));
}

int64_t InsertDelivery(postgres::Transaction& tx, const Delivery& in) {
  const std::string from = Format(in.from_time), until = Format(in.until_time);
  const std::string reversed = in.reversed_id ? absl::StrCat(*in.reversed_id) : "";
  const std::string create = FormatTimestamp(in.create_time);
  const bool cancelled = in.state == DeliveryState::kCancelled;
  return tx
      .Exec(sql::kInsertDelivery, in.program_key, static_cast<int>(in.kind), in.cause, in.part, in.member_id,
            in.request_id, in.points, OrNull(in.label), OrNull(from), OrNull(until), OrNull(reversed),
            in.reason, FormatTimestamp(in.occurred_time), static_cast<int>(in.state), create,
            cancelled ? create.c_str() : nullptr)[0][0]
      .as<int64_t>();
}

std::optional<DeliveryStanding> LockDeliveryOf(postgres::Transaction& tx, int32_t program_key,
                                               const DeliveryKey& key) {
  const pqxx::result rows = tx.Exec(sql::kLockDeliveryOf, program_key, key.cause, key.part, key.member_id);
  if (rows.empty()) return std::nullopt;
  return DeliveryStanding{rows[0][0].as<int64_t>(), static_cast<DeliveryState>(rows[0][1].as<int>()),
                          rows[0][2].as<int>(), rows[0][3].as<int64_t>()};
}

std::vector<DeliveryStanding> LockReversals(postgres::Transaction& tx, int32_t program_key,
                                            int64_t award_id) {
  std::vector<DeliveryStanding> out;
  for (const auto& row : tx.Exec(sql::kLockReversals, program_key, award_id)) {
    out.push_back({.id = row[0].as<int64_t>(),
                   .state = static_cast<DeliveryState>(row[2].as<int>()),
                   .points = row[1].as<int64_t>()});
  }
  return out;
}

void CancelDeliveries(postgres::Transaction& tx, int32_t program_key, const std::vector<int64_t>& ids,
                      absl::Time end_time) {
  tx.Exec(sql::kCancelDeliveries, program_key, ArrayOf(ids).Finish(), FormatTimestamp(end_time));
}

std::vector<Delivery> ClaimDeliveries(postgres::Transaction& tx, absl::Time now, absl::Time until,
                                      int limit) {
  return ReadDeliveries(tx.Exec(sql::kClaimDeliveries, FormatTimestamp(now), FormatTimestamp(until), limit),
                        true);
}

std::vector<Delivery> ClaimDeliveriesOf(postgres::Transaction& tx, int32_t program_key, absl::Time until,
                                        int limit) {
  return ReadDeliveries(tx.Exec(sql::kClaimDeliveriesOfProgram, program_key, FormatTimestamp(until), limit),
                        true);
}

RecordedDeliveries RecordDeliveries(postgres::Transaction& tx, const std::vector<DeliveryResult>& results,
                                    absl::Time claimed_until, absl::Time now) {
  postgres::BigintArray programs, ids, states;
  postgres::TimestamptzArray times;
  postgres::TextArray reasons, messages;
  for (const DeliveryResult& result : results) {
    programs.Add(result.program_key);
    ids.Add(result.id);
    states.Add(static_cast<int64_t>(result.state));
    times.Add(result.next_attempt_time);
    reasons.AddOrNull(result.refusal_reason);
    messages.AddOrNull(result.refusal_message);
  }
  const pqxx::result rows =
      tx.Exec(sql::kRecordDeliveries, programs.Finish(), ids.Finish(), states.Finish(), times.Finish(),
              reasons.Finish(), messages.Finish(), FormatTimestamp(claimed_until), FormatTimestamp(now));
  return {rows[0][0].as<int64_t>(), rows[0][1].as<int64_t>(), rows[0][2].as<int64_t>()};
}

std::vector<Delivery> ListDeliveries(postgres::Transaction& tx, int32_t program_key,
                                     const DeliveryFilter& filter, int64_t before_id, int limit) {
  const int state = filter.state ? static_cast<int>(*filter.state) : 0;
  if (!filter.member_id.empty()) {
    return ReadDeliveries(
        tx.Exec(sql::kListDeliveriesOfMember, program_key, before_id, limit, state, filter.member_id), false);
  }
  if (filter.state) {
    return ReadDeliveries(tx.Exec(sql::kListDeliveriesInState, program_key, before_id, limit, state), false);
  }
  return ReadDeliveries(tx.Exec(sql::kListDeliveries, program_key, before_id, limit), false);
}

std::optional<Delivery> LockDelivery(postgres::Transaction& tx, int32_t program_key, int64_t id) {
  const pqxx::result rows = tx.Exec(sql::kLockDelivery, program_key, id);
  if (rows.empty()) return std::nullopt;
  return ReadDelivery(rows[0]);
}

std::optional<int64_t> FindLaterLabel(postgres::Transaction& tx, const Delivery& delivery) {
  const pqxx::result rows =
      tx.Exec(sql::kFindLaterLabel, delivery.program_key, delivery.member_id, delivery.label, delivery.id);
  if (rows.empty()) return std::nullopt;
  return rows[0][0].as<int64_t>();
}

void RetryDeliveries(postgres::Transaction& tx, int32_t program_key, const std::vector<int64_t>& ids,
                     absl::Time now) {
  tx.Exec(sql::kRetryDeliveries, program_key, ArrayOf(ids).Finish(), FormatTimestamp(now));
}

PendingDeliveries CountPendingDeliveries(postgres::Transaction& tx) {
  const pqxx::result rows = tx.Exec(sql::kCountPendingDeliveries);
  return {rows[0][0].as<int64_t>(), ReadTime(rows[0][1])};
}

}  // namespace loyalty::work
